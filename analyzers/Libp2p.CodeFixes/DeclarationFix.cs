using System.Collections.Immutable;
using Libp2p.Analyzers;
using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Editing;

namespace Libp2p.CodeFixes;

/// <summary>
/// A mechanical correction of a declaration, and of what else in the solution depends on it. Each fix only says how it edits; Fix All
/// applies it to all diagnostics of a document, project or solution at once.
/// </summary>
public abstract class DeclarationFix : CodeFixProvider
{
    private protected DeclarationFix(params string[] ids) => FixableDiagnosticIds = [.. ids];

    private protected DeclarationFix(params DeclarationProblemKind[] kinds)
        : this([.. kinds.Select(kind => DeclarationRules.Of(kind).Id)])
    {
    }

    /// <inheritdoc/>
    public sealed override ImmutableArray<string> FixableDiagnosticIds { get; }

    /// <inheritdoc/>
    public sealed override FixAllProvider GetFixAllProvider() => DeclarationFixAll.Instance;

    /// <inheritdoc/>
    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        Document document = context.Document;
        SyntaxNode? root = await document.GetSyntaxRootAsync(context.CancellationToken);
        SemanticModel? model = await document.GetSemanticModelAsync(context.CancellationToken);
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            if (root is not null && model is not null && TryFix(model, NodeOf(root, diagnostic), context.CancellationToken) is { } edit)
            {
                CodeAction action = CodeAction.Create(
                    edit.Title, token => ApplyAsync(document.Project.Solution, [(document.Id, diagnostic)], token), GetType().Name);
                context.RegisterCodeFix(action, diagnostic);
            }
        }
    }

    /// <summary>The solution, corrected where these diagnostics are.</summary>
    internal async Task<Solution> ApplyAsync(
        Solution solution, IEnumerable<(DocumentId Document, Diagnostic Diagnostic)> diagnostics, CancellationToken cancellationToken)
    {
        SolutionEditor editor = new(solution);
        HashSet<SyntaxNode> followed = [];
        foreach ((DocumentId id, Diagnostic diagnostic) in diagnostics)
        {
            DocumentEditor document = await editor.GetDocumentEditorAsync(id, cancellationToken);
            SyntaxNode node = NodeOf(document.OriginalRoot, diagnostic);
            if (TryFix(document.SemanticModel, node, cancellationToken) is { } edit)
            {
                edit.Apply(document);
                await FollowAsync(editor, followed, document.SemanticModel, node, cancellationToken);
            }
        }

        return editor.GetChangedSolution();
    }

    /// <summary>The edit that corrects the mistake at this node; null where there is not one obvious correction.</summary>
    private protected abstract Edit? TryFix(SemanticModel model, SyntaxNode node, CancellationToken cancellationToken);

    /// <summary>Corrects what depends on it.</summary>
    /// <param name="solution">The editor of all documents.</param>
    /// <param name="followed">What was corrected so far, which is not done twice.</param>
    /// <param name="model">The document as it was before.</param>
    /// <param name="node">The mistake's place in it.</param>
    /// <param name="cancellationToken">The fix is no longer wanted.</param>
    private protected virtual Task FollowAsync(
        SolutionEditor solution, ISet<SyntaxNode> followed, SemanticModel model, SyntaxNode node, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    private static SyntaxNode NodeOf(SyntaxNode root, Diagnostic diagnostic) =>
        root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
}

/// <summary>What an editor offers, and does when it is taken.</summary>
internal sealed class Edit(string title, Action<SyntaxEditor> apply)
{
    public string Title { get; } = title;

    public Action<SyntaxEditor> Apply { get; } = apply;
}
