using System.Composition;
using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Libp2p.CodeFixes;

/// <summary>Puts the slashes of an id right: one before each segment, none at the end; none at the ends of an operation's part.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CorrectIdFix)), Shared]
public sealed class CorrectIdFix() : DeclarationFix(DeclarationProblemKind.MalformedId, DeclarationProblemKind.MalformedSuffix)
{
    private protected override Edit? TryFix(SemanticModel model, SyntaxNode node, CancellationToken cancellationToken)
    {
        AttributeSyntax? attribute = node.FirstAncestorOrSelf<AttributeSyntax>();
        AttributeArgumentSyntax? argument = node.FirstAncestorOrSelf<AttributeArgumentSyntax>() ?? attribute?.ArgumentList?.Arguments.FirstOrDefault();
        if (attribute is null || argument is null || Attributes.Literal(argument.Expression) is not { } id)
        {
            return null;
        }

        bool isSuffix = model.GetTypeInfo(attribute, cancellationToken).Type.Is("Libp2p", "IdAttribute");
        string bare = string.Join("/", id.Trim().Split(['/'], StringSplitOptions.RemoveEmptyEntries));
        string corrected = isSuffix ? bare : "/" + bare;
        return (isSuffix ? ProtocolIds.IsSuffix(corrected) : ProtocolIds.IsWellFormed(corrected))
            ? new Edit($"Write \"{corrected}\"", editor => editor.ReplaceNode(argument.Expression, Attributes.Literal(corrected, argument.Expression)))
            : null;
    }
}
