using System.Composition;
using Libp2p.Analyzers;
using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace Libp2p.CodeFixes;

/// <summary>Passes the context or token that is at hand: by name, where other arguments are left out before it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(PassCancellationFix)), Shared]
public sealed class PassCancellationFix() : SyntaxFix<InvocationExpressionSyntax>(DroppedCancellationAnalyzer.Dropped.Id)
{
    private protected override Edit? Correct(SemanticModel model, InvocationExpressionSyntax syntax, CancellationToken cancellationToken)
    {
        if (model.GetOperation(syntax, cancellationToken) is not IInvocationOperation call || DroppedCancellation.Of(call) is not { } dropped)
        {
            return null;
        }

        bool isNext = call.Arguments.All(argument => argument.ArgumentKind == ArgumentKind.Explicit || SymbolEqualityComparer.Default.Equals(argument.Parameter, dropped.Parameter))
            && syntax.ArgumentList.Arguments.All(argument => argument.NameColon is null);
        ArgumentSyntax passed = Argument(ParseExpression(dropped.AtHand));
        passed = isNext ? passed : passed.WithNameColon(NameColon(IdentifierName(Symbols.Escaped(dropped.Parameter.Name))).WithTrailingTrivia(Space));
        return new Edit($"Pass '{dropped.AtHand}'", editor => editor.ReplaceNode(syntax, (current, _) => Append((InvocationExpressionSyntax)current, passed)));
    }

    /// <summary>Of the call as it is by then: one among its arguments may have been corrected too.</summary>
    private static InvocationExpressionSyntax Append(InvocationExpressionSyntax call, ArgumentSyntax passed)
    {
        SeparatedSyntaxList<ArgumentSyntax> arguments = call.ArgumentList.Arguments;
        SyntaxToken[] separators = [.. arguments.GetSeparators()];
        SyntaxToken[] added = arguments.Count == 0 ? [] : [Token(SyntaxKind.CommaToken).WithTrailingTrivia(Space)];
        return call.WithArgumentList(call.ArgumentList.WithArguments(SeparatedList([.. arguments, passed], [.. separators, .. added])));
    }
}
