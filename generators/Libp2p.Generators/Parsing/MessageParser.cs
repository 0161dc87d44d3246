using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>Reads a message of an operation: how it is encoded, and what tells it apart from others.</summary>
internal static class MessageParser
{
    private const string On = "OnAttribute";

    /// <summary>The message, or null where there is none or it is flawed.</summary>
    public static MessageModel? TryParse(ParseContext context, IMethodSymbol method, ITypeSymbol? type, MessageDirection direction)
    {
        if (type is null)
        {
            return null;
        }

        if (type.IsUnresolved())
        {
            context.IsUnresolved = true;
            return null;
        }

        if (EnvelopeParser.AttributeOf(context, method) is { } envelope)
        {
            return EnvelopeParser.TryResolve(context, method, envelope, type);
        }

        if (CodecResolver.TryResolve(context, type, method) is not { } message)
        {
            context.Report(method, DeclarationProblemKind.UnknownCodec, method.Name, type.Name);
            return null;
        }

        if (DiscriminatorParser.NameOf(context.Protocol) is null)
        {
            return message;
        }

        TypedConstant? value = ValueOf(method, direction, out string argument);
        return DiscriminatorParser.Discriminate(context, method, type, message, value, argument);
    }

    /// <summary>What of its first message tells the operation apart from others, if anything does.</summary>
    public static SelectionModel? Select(ParseContext context, IMethodSymbol method, MessageModel? first)
    {
        AttributeData? envelope = EnvelopeParser.AttributeOf(context, method);
        string? discriminator = DiscriminatorParser.NameOf(context.Protocol);
        if (envelope is not null && discriminator is not null)
        {
            context.Report(envelope, DeclarationProblemKind.DiscriminatorAndEnvelope, method.Name);
        }

        if (discriminator is null && method.Attribute(On) is { } on)
        {
            context.Report(on, DeclarationProblemKind.OnWithoutDiscriminator, method.Name);
        }

        return envelope is not null ? EnvelopeParser.Select(context, envelope, first)
            : discriminator is not null && ValueOf(method, MessageDirection.ToResponder, out _) is { } value ? DiscriminatorParser.Select(context, first, value)
            : null;
    }

    /// <summary>The value of <c>[On]</c> in this direction, and the argument that says it; null without the attribute.</summary>
    private static TypedConstant? ValueOf(IMethodSymbol method, MessageDirection direction, out string argument)
    {
        argument = "";
        if (method.Attribute(On) is not { } attribute)
        {
            return null;
        }

        foreach (KeyValuePair<string, TypedConstant> reply in attribute.NamedArguments.Where(named => named.Key == "Reply" && !named.Value.IsNull))
        {
            if (direction == MessageDirection.ToInitiator)
            {
                argument = reply.Key;
                return reply.Value;
            }
        }

        return attribute.ConstructorArguments.FirstOrDefault();
    }
}

/// <summary>Which way a message goes.</summary>
internal enum MessageDirection
{
    ToResponder,
    ToInitiator,
}
