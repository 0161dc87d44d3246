using System.Composition;
using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Libp2p.CodeFixes;

/// <summary>Makes the interface and the types around it partial.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(MakePartialFix)), Shared]
public sealed class MakePartialFix() : SyntaxFix<TypeDeclarationSyntax>(DeclarationProblemKind.NotPartial, DeclarationProblemKind.ContainerNotPartial)
{
    private protected override Edit? Correct(SemanticModel model, TypeDeclarationSyntax syntax, CancellationToken cancellationToken)
    {
        TypeDeclarationSyntax[] types = [.. syntax.AncestorsAndSelf().OfType<TypeDeclarationSyntax>().Where(type => !IsPartial(type))];
        return types.Length == 0 ? null : new Edit("Make partial", editor =>
        {
            foreach (TypeDeclarationSyntax type in types)
            {
                // Several diagnostics of one file lead to the same type.
                editor.ReplaceNode(type, static (current, generator) => IsPartial((TypeDeclarationSyntax)current)
                    ? current
                    : generator.WithModifiers(current, generator.GetModifiers(current).WithPartial(true)));
            }
        });
    }

    private static bool IsPartial(TypeDeclarationSyntax type) => type.Modifiers.Any(SyntaxKind.PartialKeyword);
}
