using System.Collections.Immutable;
using System.Composition;
using Libp2p.Analyzers;
using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Simplification;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace Libp2p.CodeFixes;

/// <summary>
/// Adds <c>CallContext context = default</c>; a <c>CancellationToken</c> in its place gives way, because one converts to the other.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(AddCallContextFix)), Shared]
public sealed class AddCallContextFix : DeclarationFix
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [DeclarationRules.Of(DeclarationProblemKind.MissingCallContext).Id];

    private protected override Edit? TryFix(SemanticModel model, SyntaxNode node, CancellationToken cancellationToken)
    {
        if (node.FirstAncestorOrSelf<MethodDeclarationSyntax>() is not { } declaration
            || model.GetDeclaredSymbol(declaration, cancellationToken) is not { } method
            || method.Parameters.Any(parameter => parameter.Type.Is("Libp2p", "CallContext")))
        {
            return null;
        }

        bool replaces = method.Parameters.LastOrDefault()?.Type.Is("System.Threading", "CancellationToken") == true;
        ParameterSyntax[] kept = [.. declaration.ParameterList.Parameters.Take(method.Parameters.Length - (replaces ? 1 : 0))];
        ParameterSyntax context = Parameter(Identifier(NameBeside(kept)))
            .WithType(ParseTypeName("global::Libp2p.CallContext").WithTrailingTrivia(Space).WithAdditionalAnnotations(Simplifier.Annotation))
            .WithDefault(EqualsValueClause(
                Token(SyntaxKind.EqualsToken).WithLeadingTrivia(Space).WithTrailingTrivia(Space),
                LiteralExpression(SyntaxKind.DefaultLiteralExpression)));
        SeparatedSyntaxList<ParameterSyntax> parameters = SeparatedList(
            [.. kept, context], Enumerable.Repeat(Token(SyntaxKind.CommaToken).WithTrailingTrivia(Space), kept.Length));
        return new Edit(
            "Take a CallContext", editor => editor.ReplaceNode(declaration.ParameterList, declaration.ParameterList.WithParameters(parameters)));
    }

    private static string NameBeside(ParameterSyntax[] parameters) =>
        parameters.Any(parameter => parameter.Identifier.ValueText == "context") ? "callContext" : "context";
}
