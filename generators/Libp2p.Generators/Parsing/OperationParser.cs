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

        context.Silence(method);
        context.Silence(signature.First);
        context.Silence(signature.Request);
        context.Silence(signature.Response);
        MessageModel? first = MessageParser.TryParse(context, method, signature.First, Direction.ToResponder);
        MessageModel? request = MessageParser.TryParse(context, method, signature.Request, Direction.ToResponder);
        MessageModel? response = MessageParser.TryParse(context, method, signature.Response, Direction.ToInitiator);
        return new OperationModel(
            NameOf(method),
            Symbols.Escaped(method.Name),
            Documentation.ReferenceTo(method),
            Documentation.SummaryOf(method, context.CancellationToken).ToEquatableArray(),
            signature.Shape,
            first,
            request,
            response,
            signature.IsReplyOptional,
            Suffix(context, method),
            MessageParser.Select(context, method, first ?? request),
            false,
            Since(context, method, ids),
            framing,
            FramingParser.ParseFirst(context, method, signature.Shape),
            MergeParser.Parse(context, method, signature.Shape, request ?? response, framing),
            LimitsParser.Parse(context, method),
            Connection(method) ?? Connection(context.Protocol),
            PolicyParser.Parse(context, method, signature),
            method.IsObsolete() || context.Protocol.IsObsolete() || signature.First.IsObsolete() || signature.Request.IsObsolete()
                || signature.Response.IsObsolete() || PolicyParser.NamesObsolete(method) || PolicyParser.NamesObsolete(context.Protocol));
    }

    private static string NameOf(IMethodSymbol method) =>
        method.Name.EndsWith(Async, StringComparison.Ordinal) && method.Name.Length > Async.Length
            ? method.Name.Substring(0, method.Name.Length - Async.Length)
            : method.Name;

    private static string? Suffix(ParseContext context, IMethodSymbol method)
    {
        if (method.Attribute("IdAttribute") is not { } attribute)
        {
            return null;
        }

        string suffix = attribute.ConstructorArguments.FirstOrDefault().Value as string ?? "";
        if (!ProtocolIds.IsSuffix(suffix))
        {
            context.Report(attribute, DeclarationProblemKind.MalformedSuffix, suffix);
        }

        return suffix;
    }

    private static string? Since(ParseContext context, IMethodSymbol method, IReadOnlyList<string> ids)
    {
        if (method.Attribute("SinceAttribute") is not { } attribute)
        {
            return null;
        }

        string since = attribute.ConstructorArguments.FirstOrDefault().Value as string ?? "";
        if (!ids.Contains(since))
        {
            context.Report(attribute, DeclarationProblemKind.UnknownSince, since);
        }

        return since;
    }

    private static ConnectionModel? Connection(ISymbol symbol) => symbol.Attribute("ConnectionAttribute") is { } attribute
        ? new ConnectionModel(
            attribute.NamedEnum("Limited") ?? "Refuse", attribute.NamedEnum("OpenedBy") ?? "Either", attribute.NamedEnum("Relayed") ?? "Allow")
        : null;
}
