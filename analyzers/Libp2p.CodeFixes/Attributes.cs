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
        AttributeListSyntax list = ((MemberDeclarationSyntax)SyntaxFactory.ParseMemberDeclaration($"[global::Libp2p.{attribute}] void M();")!).AttributeLists[0];
        editor.ReplaceNode(member, (current, generator) => generator.AddAttributes(current, list.WithAdditionalAnnotations(Simplifier.Annotation)));
    }

    /// <summary>The text of a string literal; null for any other expression.</summary>
    public static string? Literal(ExpressionSyntax? expression) =>
        expression is LiteralExpressionSyntax { RawKind: (int)SyntaxKind.StringLiteralExpression, Token.Value: string text } ? text : null;

    /// <summary>A string literal in place of an expression.</summary>
    public static ExpressionSyntax Literal(string text, ExpressionSyntax replaced) =>
        SyntaxFactory.LiteralExpression(SyntaxKind.StringLiteralExpression, SyntaxFactory.Literal(text)).WithTriviaFrom(replaced);
}
