using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>Reads the parameters of a member, by the names that their author gave them.</summary>
internal static class ParameterParser
{
    /// <summary>What generated code calls by these names itself, where the parameters are in scope.</summary>
    private static readonly HashSet<string> s_own = new(["Protocol", "_protocol", "_streams", "handler", "hello", "_"], StringComparer.Ordinal);

    /// <summary>The parameters, the context last; what an opener shares with the member is documented.</summary>
    public static EquatableArray<ParameterModel> Parse(ParseContext context, IMethodSymbol method, Signature signature, Documentation documentation)
    {
        string[] names = NamesOf(method, signature);
        return method.Parameters
            .Select((parameter, i) => new ParameterModel(context.NameOf(parameter.Type), names[i], documentation.OfParameter(parameter.Name)))
            .ToEquatableArray();
    }

    /// <summary>Those that an opener shares with the member: what goes first, and the context.</summary>
    public static IEnumerable<string> Shared(IMethodSymbol method, Signature signature)
    {
        bool isShared = signature.Shape is DeclaredShape.FirstThenDialogue or DeclaredShape.FirstThenRaw or DeclaredShape.Duplex;
        IEnumerable<IParameterSymbol> shared = [.. method.Parameters.Take(isShared ? 1 : 0), method.Parameters.Last()];
        return HasOwnNames(method) ? shared.Select(parameter => parameter.Name) : [];
    }

    private static string[] NamesOf(IMethodSymbol method, Signature signature) => HasOwnNames(method)
        ? [.. method.Parameters.Select(parameter => parameter.Name)]
        : signature.Shape switch
        {
            DeclaredShape.ClientStream or DeclaredShape.Duplex => ["messages", "context"],
            DeclaredShape.Dialogue => ["dialogue", "context"],
            DeclaredShape.Raw => ["stream", "context"],
            DeclaredShape.FirstThenDialogue => ["first", "dialogue", "context"],
            DeclaredShape.FirstThenRaw => ["first", "stream", "context"],
            _ => method.Parameters.Length == 1 ? ["context"] : ["message", "context"],
        };

    /// <summary>Whether the author's names hide nothing that generated code needs.</summary>
    private static bool HasOwnNames(IMethodSymbol method) => method.Parameters.All(parameter =>
        parameter.Name.Length > 0 && !s_own.Contains(parameter.Name) && !parameter.Name.StartsWith("s_", StringComparison.Ordinal));
}
