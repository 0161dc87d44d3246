using System.Composition;
using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.Simplification;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace Libp2p.CodeFixes;

/// <summary>
/// Adds <c>CallContext context = default</c>; a <c>CancellationToken</c> in its place gives way, because one converts to the other.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(AddCallContextFix)), Shared]
public sealed class AddCallContextFix() : SignatureFix(DeclarationProblemKind.MissingCallContext)
{
    private protected override Edit? Correct(SemanticModel model, MethodDeclarationSyntax declaration, IMethodSymbol method)
    {
        if (method.Parameters.Any(parameter => parameter.Type.Is("Libp2p", "CallContext")))
        {
            return null;
        }

        IParameterSymbol? token = method.Parameters.LastOrDefault() is { } last && last.Type.Is("System.Threading", "CancellationToken") ? last : null;
        ParameterSyntax[] kept = [.. declaration.ParameterList.Parameters.Take(method.Parameters.Length - (token is null ? 0 : 1))];
        string name = kept.Any(parameter => parameter.Identifier.ValueText == "context") ? "callContext" : "context";
        SeparatedSyntaxList<ParameterSyntax> parameters = SeparatedList(
            [.. kept, Context(name, hasDefault: method.ExplicitInterfaceImplementations.IsEmpty)],
            Enumerable.Repeat(Token(SyntaxKind.CommaToken).WithTrailingTrivia(Space), kept.Length));
        return new Edit("Take a CallContext", editor =>
        {
            editor.ReplaceNode(declaration.ParameterList, declaration.ParameterList.WithParameters(parameters));
            if (token is not null)
            {
                Replace(editor, ReadsOf(model, declaration, token), name);
            }
        });
    }

    /// <summary>An explicit implementation has no default, since nobody can call it without the argument.</summary>
    private static ParameterSyntax Context(string name, bool hasDefault)
    {
        ParameterSyntax context = Parameter(Identifier(name))
            .WithType(ParseTypeName("global::Libp2p.CallContext").WithTrailingTrivia(Space).WithAdditionalAnnotations(Simplifier.Annotation));
        EqualsValueClauseSyntax byDefault = EqualsValueClause(
            Token(SyntaxKind.EqualsToken).WithLeadingTrivia(Space).WithTrailingTrivia(Space),
            LiteralExpression(SyntaxKind.DefaultLiteralExpression));
        return hasDefault ? context.WithDefault(byDefault) : context;
    }

    private static void Replace(SyntaxEditor editor, IEnumerable<IdentifierNameSyntax> reads, string context)
    {
        foreach (IdentifierNameSyntax read in reads)
        {
            editor.ReplaceNode(read, ParseExpression($"{context}.CancellationToken").WithTriviaFrom(read));
        }
    }
}
