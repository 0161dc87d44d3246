using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Libp2p.Analyzers;

/// <summary>
/// A call that continues when its caller was cancelled. Of tokens alone the SDK warns (CA2016); this is about contexts, from which or to
/// which it sees no conversion.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class DroppedCancellationAnalyzer() : LibraryAnalyzer([Dropped])
{
    internal static readonly DiagnosticDescriptor Dropped = Rule.Warning(
        "P2P0070", Category.Calls, "A call passes on the cancellation at hand",
        "'{0}' goes on when '{1}' is cancelled: pass it, or 'default' if that is meant");

    private protected override void Register(CompilationStartAnalysisContext start) => start.RegisterOperationAction(Warn, OperationKind.Invocation);

    private static void Warn(OperationAnalysisContext context)
    {
        IInvocationOperation call = (IInvocationOperation)context.Operation;
        if (DroppedCancellation.Of(call) is { } dropped && call.Syntax is InvocationExpressionSyntax { Expression: { } called })
        {
            Location location = (called switch
            {
                MemberAccessExpressionSyntax access => access.Name,
                MemberBindingExpressionSyntax binding => binding.Name,
                _ => called,
            }).GetLocation();
            context.ReportDiagnostic(Diagnostic.Create(Dropped, location, call.TargetMethod.Name, dropped.AtHand));
        }
    }
}
