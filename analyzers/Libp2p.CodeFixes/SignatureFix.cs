using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.FindSymbols;

namespace Libp2p.CodeFixes;

/// <summary>
/// A correction of a signature. What implements the operation in the same solution is corrected alike, and so are its uses of a
/// parameter whose type changes: it would not compile otherwise.
/// </summary>
public abstract class SignatureFix : MethodFix
{
    private protected SignatureFix(params DeclarationProblemKind[] kinds)
        : base(kinds)
    {
    }

    private protected sealed override async Task FollowAsync(
        SolutionEditor solution, ISet<SyntaxNode> followed, SemanticModel model, SyntaxNode node, CancellationToken cancellationToken)
    {
        if (node.FirstAncestorOrSelf<MethodDeclarationSyntax>() is not { } declaration
            || model.GetDeclaredSymbol(declaration, cancellationToken) is not { } operation)
        {
            return;
        }

        IEnumerable<ISymbol> implementations = await SymbolFinder.FindImplementationsAsync(
            operation, solution.OriginalSolution, cancellationToken: cancellationToken);
        foreach (SyntaxReference reference in implementations.SelectMany(implementation => implementation.DeclaringSyntaxReferences))
        {
            if (solution.OriginalSolution.GetDocument(reference.SyntaxTree) is { } document and not SourceGeneratedDocument)
            {
                DocumentEditor editor = await solution.GetDocumentEditorAsync(document.Id, cancellationToken);
                if (editor.OriginalRoot.FindNode(reference.Span) is MethodDeclarationSyntax implementation
                    && followed.Add(implementation)
                    && editor.SemanticModel.GetDeclaredSymbol(implementation, cancellationToken) is { } method)
                {
                    Correct(editor.SemanticModel, implementation, method)?.Apply(editor);
                }
            }
        }
    }

    /// <summary>The reads of a parameter in the method's body.</summary>
    private protected static IEnumerable<IdentifierNameSyntax> ReadsOf(SemanticModel model, MethodDeclarationSyntax declaration, IParameterSymbol parameter) =>
        new SyntaxNode?[] { declaration.Body, declaration.ExpressionBody }
            .SelectMany(body => body?.DescendantNodes() ?? [])
            .OfType<IdentifierNameSyntax>()
            .Where(name => name.Identifier.ValueText == parameter.Name && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name).Symbol, parameter));
}
