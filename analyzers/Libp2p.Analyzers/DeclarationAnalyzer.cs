using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Libp2p.Analyzers;

/// <summary>Explains why a declaration generates nothing: what the generator's parser found and kept to itself.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class DeclarationAnalyzer() : LibraryAnalyzer(DeclarationRules.All)
{
    private protected override void Register(CompilationStartAnalysisContext start) => start.RegisterSymbolAction(Explain, SymbolKind.NamedType);

    private static void Explain(SymbolAnalysisContext context)
    {
        ParseResult result = ProtocolParser.Parse((INamedTypeSymbol)context.Symbol, context.Compilation, context.CancellationToken);
        foreach (DeclarationProblem problem in result.Problems)
        {
            context.ReportDiagnostic(Diagnostic.Create(DeclarationRules.Of(problem.Kind), problem.Location, [.. problem.Arguments]));
        }
    }
}
