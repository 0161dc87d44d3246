using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;

namespace Libp2p.CodeFixes;

/// <summary>A correction of the nearest syntax of one kind around a diagnostic.</summary>
/// <typeparam name="TSyntax">What it edits.</typeparam>
public abstract class SyntaxFix<TSyntax> : DeclarationFix
    where TSyntax : SyntaxNode
{
    private protected SyntaxFix(params string[] ids)
        : base(ids)
    {
    }

    private protected SyntaxFix(params DeclarationProblemKind[] kinds)
        : base(kinds)
    {
    }

    private protected sealed override Edit? TryFix(SemanticModel model, SyntaxNode node, CancellationToken cancellationToken) =>
        node.FirstAncestorOrSelf<TSyntax>() is { } syntax ? Correct(model, syntax, cancellationToken) : null;

    /// <summary>The edit that corrects the mistake; null where there is not one obvious correction.</summary>
    private protected abstract Edit? Correct(SemanticModel model, TSyntax syntax, CancellationToken cancellationToken);
}
