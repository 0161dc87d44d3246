using System.Globalization;
using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>Reads how messages are delimited.</summary>
internal static class FramingParser
{
    /// <summary>The framing of one message that the end of the stream ends.</summary>
    public const string None = "None";

    /// <summary>The framing of a 16-bit length.</summary>
    public const string UInt16 = "UInt16";

    private const string Name = "FramingAttribute";
    private const string Fixed = "Fixed";

    /// <summary>The framing of an unsigned varint length, which is the default.</summary>
    private const string Varint = "Varint";

    /// <summary>The member of MessageFraming that is declared, or null for the default.</summary>
    public static string? Parse(ParseContext context, IMethodSymbol method, DeclaredShape shape)
    {
        AttributeData? ofFirst = shape == DeclaredShape.FirstThenRaw ? OfFirst(method) : null;
        AttributeData? own = method.Attribute(Name);
        if (own is not null && (shape == DeclaredShape.Raw || ofFirst is not null))
        {
            context.Report(own, DeclarationProblemKind.FramingNeedsMessages, method.Name);
        }

        AttributeData? attribute = ofFirst ?? own ?? context.Protocol.Attribute(Name);
        string? framing = attribute is null || shape == DeclaredShape.Raw ? null : Read(context, attribute, method, shape);
        return framing == Varint ? null : framing;
    }

    /// <summary>Reports a framing of the interface that frames nothing: nobody sends a message.</summary>
    public static void CheckUsed(ParseContext context, IReadOnlyList<OperationModel> operations)
    {
        if (context.Protocol.Attribute(Name) is { } attribute && operations.Count > 0 && operations.All(operation => operation.Shape == DeclaredShape.Raw))
        {
            context.Report(attribute, DeclarationProblemKind.FramingNeedsMessages, context.Protocol.Name);
        }
    }

    /// <summary>The same of a first message that is delimited in another way than the dialogue after it; null: as the dialogue.</summary>
    public static string? ParseFirst(ParseContext context, IMethodSymbol method, DeclaredShape shape)
    {
        bool hasFirst = shape is DeclaredShape.FirstThenDialogue or DeclaredShape.FirstThenRaw;
        foreach (AttributeData misplaced in method.Parameters.Skip(hasFirst ? 1 : 0).SelectMany(parameter => parameter.Attributes(Name)))
        {
            context.Report(misplaced, DeclarationProblemKind.FramingNeedsFirstMessage, method.Name);
        }

        return shape == DeclaredShape.FirstThenDialogue && OfFirst(method) is { } attribute ? Read(context, attribute, method, shape) : null;
    }

    /// <summary>The size of each message of such a framing; null of any other.</summary>
    public static int? FixedSizeOf(string? framing) =>
        framing?.StartsWith(Fixed, StringComparison.Ordinal) == true ? int.Parse(framing.Substring(Fixed.Length).Trim('(', ')'), CultureInfo.InvariantCulture) : null;

    private static AttributeData? OfFirst(IMethodSymbol method) => method.Parameters[0].Attribute(Name);

    private static string? Read(ParseContext context, AttributeData attribute, IMethodSymbol method, DeclaredShape shape)
    {
        string? kind = attribute.ConstructorArguments.FirstOrDefault().EnumMember();
        int size = attribute.Named<int>("Size");
        if (kind is null || (kind == Fixed ? size <= 0 : size != 0))
        {
            context.Report(attribute, DeclarationProblemKind.InvalidFraming, method.Name);
        }

        if (kind == None && shape is not (DeclaredShape.Unary or DeclaredShape.Push or DeclaredShape.Pull))
        {
            context.Report(attribute, DeclarationProblemKind.FramingNeedsOneMessage, method.Name);
        }

        return kind == Fixed ? $"{Fixed}({size})" : kind;
    }
}
