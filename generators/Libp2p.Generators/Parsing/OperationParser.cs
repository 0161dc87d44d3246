using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>Reads one member of a declaration.</summary>
internal static class OperationParser
{
    private const string Async = "Async";

    public static OperationModel? TryParse(ParseContext context, IMethodSymbol method, IReadOnlyList<string> ids)
    {
        if (SignatureParser.TryParse(context, method) is not { } signature)
        {
            return null;
        }

        string? framing = FramingParser.Parse(context, method, signature.Shape);
        if (framing == FramingParser.None && signature.IsReplyOptional)
        {
            context.Report(method, DeclarationProblemKind.InvalidFraming, method.Name);
        }

        MessageModel? first = MessageParser.TryParse(context, method, signature.First, MessageDirection.ToResponder);
        MessageModel? request = MessageParser.TryParse(context, method, signature.Request, MessageDirection.ToResponder);
        MessageModel? response = MessageParser.TryParse(context, method, signature.Response, MessageDirection.ToInitiator);
        PolicyModel policy = PolicyParser.Parse(context, method, signature);
        Documentation documentation = OperationModel.HasOpener(signature.Shape, policy)
            ? Documentation.Of(method, ParameterParser.Shared(method, signature), context.CancellationToken)
            : Documentation.None;
        return new OperationModel(
            NameOf(method),
            Symbols.Escaped(method.Name),
            Documentation.ReferenceTo(method),
            documentation.ToModel(),
            ParameterParser.Parse(context, method, signature, documentation),
            signature.Shape,
            first,
            request,
            response,
            signature.IsReplyOptional,
            IdParser.ParseSuffix(context, method, ids),
            MessageParser.Select(context, method, first ?? request),
            false,
            IdParser.ParseSince(context, method, ids),
            framing,
            FramingParser.ParseFirst(context, method, signature.Shape),
            MergeParser.Parse(context, method, signature.Shape, request ?? response, framing),
            LimitsParser.Parse(context, method),
            Connection(context, method),
            policy,
            IsObsolete(context, method, signature));
    }

    /// <summary>Whether naming it or what it names draws a warning; what is said of that is regarded.</summary>
    private static bool IsObsolete(ParseContext context, IMethodSymbol method, Signature signature)
    {
        ISymbol?[] named = [method, signature.First, signature.Request, signature.Response];
        foreach (ISymbol? symbol in named)
        {
            context.Silence(symbol);
        }

        if (!named.Append(context.Protocol).Any(Symbols.IsObsolete) && !PolicyParser.NamesObsolete(method) && !PolicyParser.NamesObsolete(context.Protocol))
        {
            return false;
        }

        context.Silence("CS0612"); // the tables are obsolete too, because what names it must be
        return true;
    }

    /// <summary>The name by which others refer to the operation.</summary>
    public static string NameOf(IMethodSymbol method) =>
        method.Name.EndsWith(Async, StringComparison.Ordinal) && method.Name.Length > Async.Length
            ? method.Name.Substring(0, method.Name.Length - Async.Length)
            : method.Name;

    /// <summary>Each part is the member's over the interface's; null where all are the default.</summary>
    private static ConnectionModel? Connection(ParseContext context, IMethodSymbol method)
    {
        AttributeData?[] levels = [method.Attribute("ConnectionAttribute"), context.Protocol.Attribute("ConnectionAttribute")];
        string? Value(string name) => levels.Select(level => level?.NamedEnum(name)).FirstOrDefault(value => value is not null);

        ConnectionModel rule = new(
            Value("Limited") ?? ConnectionModel.Default.Limited,
            Value("OpenedBy") ?? ConnectionModel.Default.OpenedBy,
            Value("Relayed") ?? ConnectionModel.Default.Relayed);
        return rule == ConnectionModel.Default ? null : rule;
    }
}
