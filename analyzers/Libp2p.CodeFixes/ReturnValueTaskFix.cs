using System.Composition;
using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace Libp2p.CodeFixes;

/// <summary>Returns a <c>ValueTask</c> where a <c>Task</c> is returned; one is made of the other where an implementation has one at hand.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ReturnValueTaskFix)), Shared]
public sealed class ReturnValueTaskFix() : SignatureFix(DeclarationProblemKind.UnsupportedSignature)
{
    private protected override Edit? Correct(SemanticModel model, MethodDeclarationSyntax declaration, IMethodSymbol method)
    {
        if (!IsTask(method.ReturnType))
        {
            return null;
        }

        SimpleNameSyntax name = declaration.ReturnType.DescendantNodesAndSelf().OfType<SimpleNameSyntax>().First(part => part.Identifier.ValueText == "Task");
        return new Edit("Return a ValueTask", editor =>
        {
            editor.ReplaceNode(name, name.WithIdentifier(SyntaxFactory.Identifier("ValueTask").WithTriviaFrom(name.Identifier)));
            if (!method.IsAsync)
            {
                Wrap(editor, ReturnedBy(declaration).Where(returned => IsTask(model.GetTypeInfo(returned).Type)));
            }
        });
    }

    private static void Wrap(SyntaxEditor editor, IEnumerable<ExpressionSyntax> tasks)
    {
        foreach (ExpressionSyntax task in tasks)
        {
            ArgumentSyntax argument = SyntaxFactory.Argument(task.WithoutTrivia());
            editor.ReplaceNode(task, SyntaxFactory.ImplicitObjectCreationExpression()
                .WithArgumentList(SyntaxFactory.ArgumentList(SyntaxFactory.SingletonSeparatedList(argument)))
                .WithTriviaFrom(task));
        }
    }

    /// <summary>What the method itself returns, and not a function within it.</summary>
    private static IEnumerable<ExpressionSyntax> ReturnedBy(MethodDeclarationSyntax declaration) => declaration.ExpressionBody is { } body
        ? [body.Expression]
        : declaration.Body?.DescendantNodes(node => node is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax))
            .OfType<ReturnStatementSyntax>()
            .Select(statement => statement.Expression)
            .OfType<ExpressionSyntax>()
            ?? [];

    private static bool IsTask(ITypeSymbol? type) => type.Is("System.Threading.Tasks", "Task") || type.Is("System.Threading.Tasks", "Task`1");
}
