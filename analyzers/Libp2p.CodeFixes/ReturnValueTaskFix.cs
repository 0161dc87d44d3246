using System.Collections.Immutable;
using System.Composition;
using Libp2p.Analyzers;
using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Libp2p.CodeFixes;

/// <summary>Returns a <c>ValueTask</c> where a <c>Task</c> is returned.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ReturnValueTaskFix)), Shared]
public sealed class ReturnValueTaskFix : DeclarationFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [DeclarationRules.Of(DeclarationProblemKind.UnsupportedSignature).Id];

    private protected override Edit? TryFix(SemanticModel model, SyntaxNode node, CancellationToken cancellationToken)
    {
        if (node.FirstAncestorOrSelf<MethodDeclarationSyntax>() is not { } method
            || model.GetTypeInfo(method.ReturnType, cancellationToken).Type is not { } type
            || !(type.Is("System.Threading.Tasks", "Task") || type.Is("System.Threading.Tasks", "Task`1")))
        {
            return null;
        }

        SimpleNameSyntax name = method.ReturnType.DescendantNodesAndSelf().OfType<SimpleNameSyntax>().First(part => part.Identifier.ValueText == "Task");
        return new Edit("Return a ValueTask", editor =>
            editor.ReplaceNode(name, name.WithIdentifier(SyntaxFactory.Identifier("ValueTask").WithTriviaFrom(name.Identifier))));
    }
}
