using System.Composition;
using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Libp2p.CodeFixes;

/// <summary>Removes an id that stands there already.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(RemoveDuplicateIdFix)), Shared]
public sealed class RemoveDuplicateIdFix() : SyntaxFix<AttributeArgumentSyntax>(DeclarationProblemKind.DuplicateId)
{
    private protected override Edit Correct(SemanticModel model, AttributeArgumentSyntax syntax, CancellationToken cancellationToken) =>
        new("Remove the second one", editor => editor.RemoveNode(syntax));
}
