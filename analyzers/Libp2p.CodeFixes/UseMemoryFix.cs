using System.Collections.Immutable;
using System.Composition;
using Libp2p.Analyzers;
using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Simplification;

namespace Libp2p.CodeFixes;

/// <summary>Takes and returns <c>ReadOnlyMemory&lt;byte&gt;</c> where a <c>byte[]</c> is: arrays convert to it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(UseMemoryFix)), Shared]
public sealed class UseMemoryFix : DeclarationFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [DeclarationRules.Of(DeclarationProblemKind.UnknownCodec).Id];

    private protected override Edit? TryFix(SemanticModel model, SyntaxNode node, CancellationToken cancellationToken)
    {
        ArrayTypeSyntax[] arrays =
        [
            .. node.FirstAncestorOrSelf<MethodDeclarationSyntax>()?.DescendantNodes().OfType<ArrayTypeSyntax>().Where(array =>
                model.GetTypeInfo(array, cancellationToken).Type is IArrayTypeSymbol { Rank: 1, ElementType.SpecialType: SpecialType.System_Byte }) ?? [],
        ];
        return arrays.Length == 0 ? null : new Edit("Use ReadOnlyMemory<byte>", editor =>
        {
            foreach (ArrayTypeSyntax array in arrays)
            {
                editor.ReplaceNode(array, SyntaxFactory.ParseTypeName("global::System.ReadOnlyMemory<byte>")
                    .WithTriviaFrom(array)
                    .WithAdditionalAnnotations(Simplifier.Annotation));
            }
        });
    }
}
