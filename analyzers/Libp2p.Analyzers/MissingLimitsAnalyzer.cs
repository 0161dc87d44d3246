using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Libp2p.Analyzers;

/// <summary>
/// An operation without declared bounds. It works, under the safe default, but what one protocol needs is too much or too little for
/// another. A warning, not an error: code is generated.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class MissingLimitsAnalyzer() : LibraryAnalyzer([Missing])
{
    internal static readonly DiagnosticDescriptor Missing = Rule.Warning(
        "P2P0030", Category.Settings, "An operation has limits",
        "'{0}' has the default limits (64 KiB a message, 10 s, 32 streams a peer): decide with [Limits] what a remote peer may make of it");

    private protected override void Register(CompilationStartAnalysisContext start) => start.RegisterSymbolAction(Warn, SymbolKind.NamedType);

    private static void Warn(SymbolAnalysisContext context)
    {
        INamedTypeSymbol type = (INamedTypeSymbol)context.Symbol;
        if (!ProtocolParser.IsDeclaration(type) || type.Attribute("LimitsAttribute") is not null)
        {
            return;
        }

        foreach (IMethodSymbol method in Declarations.OperationsOf(type).Where(method => method.Attribute("LimitsAttribute") is null))
        {
            context.ReportDiagnostic(Diagnostic.Create(Missing, method.Locations[0], method.Name));
        }
    }
}
