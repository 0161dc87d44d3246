using System.Composition;
using System.Text;
using Libp2p.Analyzers;
using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Libp2p.CodeFixes;

/// <summary>Gives an operation an id of its own, made of its name: <c>find-node</c> for <c>FindNodeAsync</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(AddIdFix)), Shared]
public sealed class AddIdFix() : MethodFix(DeclarationProblemKind.AmbiguousId)
{
    private protected override Edit? Correct(SemanticModel model, MethodDeclarationSyntax declaration, IMethodSymbol method)
    {
        if (method.Attribute("IdAttribute") is not null)
        {
            return null;
        }

        string suffix = SuffixOf(method.Name);
        bool isTaken = Declarations.OperationsOf(method.ContainingType)
            .Any(other => other.Attribute("IdAttribute")?.ConstructorArguments.FirstOrDefault().Value as string == suffix);
        return isTaken || !ProtocolIds.IsSuffix(suffix)
            ? null
            : new Edit($"Add [Id(\"{suffix}\")]", editor => Attributes.Add(editor, declaration, $"Id(\"{suffix}\")"));
    }

    private static string SuffixOf(string method)
    {
        StringBuilder suffix = new();
        string name = method.EndsWith("Async", StringComparison.Ordinal) && method.Length > 5 ? method.Substring(0, method.Length - 5) : method;
        for (int i = 0; i < name.Length; i++)
        {
            bool beginsWord = i > 0 && char.IsUpper(name[i]) && (char.IsLower(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            suffix.Append(beginsWord ? "-" : "").Append(char.ToLowerInvariant(name[i]));
        }

        return suffix.ToString();
    }
}
