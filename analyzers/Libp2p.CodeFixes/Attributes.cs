using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.Simplification;

namespace Libp2p.CodeFixes;

/// <summary>Adds attributes to members.</summary>
internal static class Attributes
{
    /// <summary>Adds an attribute of the library, in a list of its own after those that are there.</summary>
    /// <param name="editor">The editor.</param>
    /// <param name="member">The member.</param>
    /// <param name="attribute">Its name and arguments, without the namespace.</param>
    public static void Add(SyntaxEditor editor, MemberDeclarationSyntax member, string attribute)
    {
        AttributeListSyntax list = SyntaxFactory.ParseMemberDeclaration($"[global::Libp2p.{attribute}] void M();")!.AttributeLists[0];
        SyntaxTrivia end = member.SyntaxTree.GetRoot().DescendantTrivia().FirstOrDefault(trivia => trivia.IsKind(SyntaxKind.EndOfLineTrivia));
        end = end == default ? SyntaxFactory.LineFeed : end;
        editor.ReplaceNode(member, (current, _) =>
            Append((MemberDeclarationSyntax)current, list.WithTrailingTrivia(end).WithAdditionalAnnotations(Simplifier.Annotation), end));
    }

    private static MemberDeclarationSyntax Append(MemberDeclarationSyntax member, AttributeListSyntax added, SyntaxTrivia end)
    {
        SyntaxTriviaList leading = member.GetLeadingTrivia();
        SyntaxTriviaList indent = leading.Count > 0 && leading.Last().IsKind(SyntaxKind.WhitespaceTrivia) ? [leading.Last()] : [];
        if (member.AttributeLists.LastOrDefault() is not { } last)
        {
            return member.WithLeadingTrivia(indent).WithAttributeLists([added.WithLeadingTrivia(leading)]);
        }

        SyntaxToken next = last.GetLastToken().GetNextToken();
        MemberDeclarationSyntax broken = next.HasLeadingTrivia ? member : member.ReplaceToken(next, next.WithLeadingTrivia(indent));
        last = broken.AttributeLists.Last();
        return broken.WithAttributeLists(broken.AttributeLists.Replace(last, last.WithTrailingTrivia(end)).Add(added.WithLeadingTrivia(indent)));
    }

    /// <summary>The text of a string literal; null for any other expression.</summary>
    public static string? Literal(ExpressionSyntax? expression) =>
        expression is LiteralExpressionSyntax { RawKind: (int)SyntaxKind.StringLiteralExpression, Token.Value: string text } ? text : null;

    /// <summary>A string literal in place of an expression.</summary>
    public static ExpressionSyntax Literal(string text, ExpressionSyntax replaced) =>
        SyntaxFactory.LiteralExpression(SyntaxKind.StringLiteralExpression, SyntaxFactory.Literal(text)).WithTriviaFrom(replaced);
}
