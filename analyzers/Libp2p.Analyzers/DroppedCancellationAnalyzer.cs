using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Libp2p.Analyzers;

/// <summary>
/// A call that goes on when whoever asked for it has gone. Of tokens alone the SDK tells (CA2016); this is about contexts, from which or
/// to which it sees no way.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class DroppedCancellationAnalyzer : DiagnosticAnalyzer
{
    internal static readonly DiagnosticDescriptor Rule = new(
        "P2P0070", "A call passes on the cancellation at hand", "'{0}' goes on when '{1}' is cancelled: pass it, or 'default' if that is meant",
        Category.Calls, DiagnosticSeverity.Warning, true, null, HelpPage.Of("P2P0070"));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rule];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (Declarations.AreKnownTo(start.Compilation))
            {
                start.RegisterOperationAction(Warn, OperationKind.Invocation);
            }
        });
    }

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
            context.ReportDiagnostic(Diagnostic.Create(Rule, location, call.TargetMethod.Name, dropped.AtHand));
        }
    }
}
