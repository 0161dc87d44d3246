using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Libp2p.Analyzers;

/// <summary>A call that leaves its context or token out, although the method around it has one.</summary>
/// <param name="Parameter">What is left out.</param>
/// <param name="AtHand">What could be passed, as an expression.</param>
internal sealed record DroppedCancellation(IParameterSymbol Parameter, string AtHand)
{
    /// <summary>What the call leaves out; null where it passes something, or nothing is at hand.</summary>
    public static DroppedCancellation? Of(IInvocationOperation call)
    {
        IArgumentOperation[] arguments = [.. call.Arguments.Where(argument => IsCancellation(argument.Parameter?.Type))];
        if (arguments.Length != 1
            || arguments[0] is not { ArgumentKind: ArgumentKind.DefaultValue, Parameter: { } parameter }
            || IsEndedOtherwise(call)
            || IsCleanup(call))
        {
            return null;
        }

        return AtHandOf(call).Where(known => IsContext(known.Type) || IsContext(parameter.Type))
            .Select(known => new DroppedCancellation(
                parameter, Symbols.Escaped(known.Name) + (IsContext(known.Type) && !IsContext(parameter.Type) ? ".CancellationToken" : "")))
            .FirstOrDefault();
    }

    /// <summary>The parameters of the functions around the call that can be named there, the nearest first.</summary>
    private static IEnumerable<IParameterSymbol> AtHandOf(IInvocationOperation call)
    {
        int position = call.Syntax.SpanStart;
        for (ISymbol? around = call.SemanticModel?.GetEnclosingSymbol(position); around is IMethodSymbol method; around = method.ContainingSymbol)
        {
            foreach (IParameterSymbol parameter in method.Parameters.Where(parameter => parameter.RefKind == RefKind.None && IsCancellation(parameter.Type)))
            {
                if (call.SemanticModel!.LookupSymbols(position, name: parameter.Name).Contains(parameter, SymbolEqualityComparer.Default))
                {
                    yield return parameter;
                }
            }

            if (method is { IsStatic: true, MethodKind: MethodKind.LocalFunction or MethodKind.AnonymousFunction })
            {
                break;
            }
        }
    }

    /// <summary>Whether a token is given to the enumerator instead, which comes to the same.</summary>
    private static bool IsEndedOtherwise(IInvocationOperation call) =>
        Outside(call.Parent) is IInvocationOperation { TargetMethod.Name: "WithCancellation" };

    /// <summary>Whether it tidies up, which is done all the more when the call was cancelled.</summary>
    private static bool IsCleanup(IOperation call)
    {
        for (IOperation? inner = call; inner?.Parent is { } outer; inner = outer)
        {
            if (outer is ICatchClauseOperation || (outer is ITryOperation attempt && attempt.Finally == inner))
            {
                return true;
            }
        }

        return false;
    }

    private static IOperation? Outside(IOperation? operation) =>
        operation is IArgumentOperation or IConversionOperation or IParenthesizedOperation ? Outside(operation.Parent) : operation;

    private static bool IsCancellation(ITypeSymbol? type) => IsContext(type) || type.Is("System.Threading", "CancellationToken");

    private static bool IsContext(ITypeSymbol? type) => type.Is("Libp2p", "CallContext");
}
