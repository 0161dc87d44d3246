using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Editing;

namespace Libp2p.CodeFixes;

/// <summary>
/// A mechanical correction of a declaration, within its document. Each fix only says how it edits; Fix All applies it to all of a
/// document's diagnostics at once.
/// </summary>
public abstract class DeclarationFix : CodeFixProvider
{
    /// <inheritdoc/>
    public sealed override FixAllProvider GetFixAllProvider() => FixAllProvider.Create(async (context, document, diagnostics) =>
        await ApplyAsync(document, diagnostics, context.CancellationToken));

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
                context.RegisterCodeFix(
                    CodeAction.Create(edit.Title, token => ApplyAsync(document, [diagnostic], token), GetType().Name), diagnostic);
            }
        }
    }

    /// <summary>The edit that corrects the mistake at this node; null where there is not one obvious correction.</summary>
    private protected abstract Edit? TryFix(SemanticModel model, SyntaxNode node, CancellationToken cancellationToken);

    private async Task<Document> ApplyAsync(Document document, IEnumerable<Diagnostic> diagnostics, CancellationToken cancellationToken)
    {
        DocumentEditor editor = await DocumentEditor.CreateAsync(document, cancellationToken);
        foreach (Diagnostic diagnostic in diagnostics)
        {
            TryFix(editor.SemanticModel, NodeOf(editor.OriginalRoot, diagnostic), cancellationToken)?.Apply(editor);
        }

        return editor.GetChangedDocument();
    }

    private static SyntaxNode NodeOf(SyntaxNode root, Diagnostic diagnostic) =>
        root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
}

/// <summary>What an editor offers, and does when it is taken.</summary>
internal sealed class Edit(string title, Action<SyntaxEditor> apply)
{
    public string Title { get; } = title;

    public Action<SyntaxEditor> Apply { get; } = apply;
}
