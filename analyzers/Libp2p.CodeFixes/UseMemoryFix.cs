using System.Composition;
using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Simplification;

namespace Libp2p.CodeFixes;

/// <summary>
/// Takes and returns <c>ReadOnlyMemory&lt;byte&gt;</c> where a <c>byte[]</c> is: arrays convert to it, and an implementation that wants
/// an array makes one.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(UseMemoryFix)), Shared]
public sealed class UseMemoryFix() : SignatureFix(DeclarationProblemKind.UnknownCodec)
{
    private protected override Edit? Correct(SemanticModel model, MethodDeclarationSyntax declaration, IMethodSymbol method)
    {
        ArrayTypeSyntax[] arrays =
        [
            .. new SyntaxNode[] { declaration.ReturnType, declaration.ParameterList }
                .SelectMany(part => part.DescendantNodesAndSelf().OfType<ArrayTypeSyntax>())
                .Where(array => IsBytes(model.GetTypeInfo(array).Type)),
        ];
        return arrays.Length == 0 ? null : new Edit("Use ReadOnlyMemory<byte>", editor =>
        {
            foreach (ArrayTypeSyntax array in arrays)
            {
                editor.ReplaceNode(array, SyntaxFactory.ParseTypeName("global::System.ReadOnlyMemory<byte>")
                    .WithTriviaFrom(array)
                    .WithAdditionalAnnotations(Simplifier.Annotation));
            }

            foreach (IdentifierNameSyntax read in method.Parameters.Where(parameter => IsBytes(parameter.Type)).SelectMany(parameter => ReadsOf(model, declaration, parameter)))
            {
                editor.ReplaceNode(read, SyntaxFactory.ParseExpression($"{read.Identifier.Text}.ToArray()").WithTriviaFrom(read));
            }
        });
    }

    private static bool IsBytes(ITypeSymbol? type) => type is IArrayTypeSymbol { Rank: 1, ElementType.SpecialType: SpecialType.System_Byte };
}
