using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Libp2p.CodeFixes;

/// <summary>A correction of one member.</summary>
public abstract class MethodFix : SyntaxFix<MethodDeclarationSyntax>
{
    private protected MethodFix(params string[] ids)
        : base(ids)
    {
    }

    private protected MethodFix(params DeclarationProblemKind[] kinds)
        : base(kinds)
    {
    }

    private protected sealed override Edit? Correct(SemanticModel model, MethodDeclarationSyntax syntax, CancellationToken cancellationToken) =>
        model.GetDeclaredSymbol(syntax, cancellationToken) is { } method ? Correct(model, syntax, method) : null;

    /// <summary>The edit that corrects the member; null where there is not one obvious correction.</summary>
    private protected abstract Edit? Correct(SemanticModel model, MethodDeclarationSyntax declaration, IMethodSymbol method);
}
