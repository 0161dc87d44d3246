using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>Reads how messages are delimited.</summary>
internal static class FramingParser
{
    /// <summary>The framing of one message that the end of the stream ends.</summary>
    public const string None = "None";

    /// <summary>The framing of an unsigned varint length, which is the default.</summary>
    private const string Varint = "Varint";

    /// <summary>The member of MessageFraming that is declared, or null for the default.</summary>
    public static string? Parse(ParseContext context, IMethodSymbol method, OperationShape shape)
    {
        AttributeData? attribute = (shape == OperationShape.FirstThenRaw ? OfFirst(method) : null)
            ?? method.Attribute("FramingAttribute")
            ?? context.Protocol.Attribute("FramingAttribute");
        string? framing = attribute is null || shape == OperationShape.Raw ? null : Read(context, attribute, method, shape);
        return framing == Varint ? null : framing;
    }

    /// <summary>The same of a first message that is delimited in another way than the dialogue after it; null: as the dialogue.</summary>
    public static string? ParseFirst(ParseContext context, IMethodSymbol method, OperationShape shape)
    {
        bool hasFirst = shape is OperationShape.FirstThenDialogue or OperationShape.FirstThenRaw;
        foreach (AttributeData misplaced in method.Parameters.Skip(hasFirst ? 1 : 0).SelectMany(parameter => parameter.Attributes("FramingAttribute")))
        {
            context.Report(misplaced, DeclarationProblemKind.FramingNeedsFirstMessage, method.Name);
        }

        return shape == OperationShape.FirstThenDialogue && OfFirst(method) is { } attribute ? Read(context, attribute, method, shape) : null;
    }

    private static AttributeData? OfFirst(IMethodSymbol method) => method.Parameters[0].Attribute("FramingAttribute");

    private static string? Read(ParseContext context, AttributeData attribute, IMethodSymbol method, OperationShape shape)
    {
        string? kind = attribute.ConstructorArguments.FirstOrDefault().EnumMember();
        int size = attribute.Named<int>("Size");
        if (kind is null || (kind == "Fixed" ? size <= 0 : size != 0))
        {
            context.Report(attribute, DeclarationProblemKind.InvalidFraming, method.Name);
        }

        if (kind == None && shape is not (OperationShape.Unary or OperationShape.Push or OperationShape.Pull))
        {
            context.Report(attribute, DeclarationProblemKind.FramingNeedsOneMessage, method.Name);
        }

        return kind == "Fixed" ? $"Fixed({size})" : kind;
    }
}
