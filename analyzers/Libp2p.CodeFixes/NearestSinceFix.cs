using System.Composition;
using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Libp2p.CodeFixes;

/// <summary>Names the declared id that is nearest to what <c>[Since]</c> says.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(NearestSinceFix)), Shared]
public sealed class NearestSinceFix() : SyntaxFix<AttributeSyntax>(DeclarationProblemKind.UnknownSince)
{
    private protected override Edit? Correct(SemanticModel model, AttributeSyntax syntax, CancellationToken cancellationToken)
    {
        if (syntax.ArgumentList?.Arguments.FirstOrDefault()?.Expression is not { } expression
            || syntax.FirstAncestorOrSelf<MethodDeclarationSyntax>() is not { } declaration
            || model.GetDeclaredSymbol(declaration, cancellationToken)?.ContainingType.Attribute("ProtocolAttribute") is not { } protocol)
        {
            return null;
        }

        string since = model.GetConstantValue(expression, cancellationToken).Value as string ?? "";
        string? nearest = protocol.ConstructorArguments.FirstOrDefault() is { Kind: TypedConstantKind.Array, IsNull: false } ids
            ? ids.Values.Select(value => value.Value).OfType<string>().OrderBy(id => Distance(id, since)).FirstOrDefault()
            : null;
        return nearest is null
            ? null
            : new Edit($"Write \"{nearest}\"", editor => editor.ReplaceNode(expression, Attributes.Literal(nearest, expression)));
    }

    /// <summary>How many characters one must change, add or remove to make one of the other.</summary>
    private static int Distance(string one, string other)
    {
        int[] row = [.. Enumerable.Range(0, other.Length + 1)];
        for (int i = 1; i <= one.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.Length; j++)
            {
                int changed = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[other.Length];
    }
}
