using System.Composition;
using Libp2p.Analyzers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Libp2p.CodeFixes;

/// <summary>Removes <c>[Idempotent]</c> where it has no effect.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(RemoveIdempotentFix)), Shared]
public sealed class RemoveIdempotentFix() : SyntaxFix<AttributeSyntax>(UselessIdempotentAnalyzer.Useless.Id)
{
    private protected override Edit Correct(SemanticModel model, AttributeSyntax syntax, CancellationToken cancellationToken) =>
        new("Remove [Idempotent]", editor => editor.RemoveNode(syntax));
}
