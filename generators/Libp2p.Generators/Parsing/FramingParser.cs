using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>Reads how messages are delimited.</summary>
internal static class FramingParser
{
    /// <summary>The framing of one message that the end of the stream ends.</summary>
    public const string None = "None";

    /// <summary>The member of MessageFraming that is declared, or null for the default.</summary>
    public static string? Parse(ParseContext context, IMethodSymbol method, OperationShape shape)
    {
        AttributeData? attribute = method.Attribute("FramingAttribute") ?? context.Protocol.Attribute("FramingAttribute");
        if (attribute is null || shape == OperationShape.Raw)
        {
            return null;
        }

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

        return kind switch
        {
            "Varint" => null,
            "Fixed" => $"Fixed({size})",
            _ => kind,
        };
    }
}
