using Libp2p.Generators.Model;
using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Libp2p.Analyzers;

/// <summary>
/// <c>[Idempotent]</c> on an operation that is never sent again: only a call of one request and one reply can be, since what has been sent
/// of a stream cannot be told. A warning, not an error: code is generated.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UselessIdempotentAnalyzer() : LibraryAnalyzer([Useless])
{
    internal static readonly DiagnosticDescriptor Useless = Rule.Warning(
        "P2P0065", Category.Settings, "Only a request with a reply is sent again",
        "Remove [Idempotent] of '{0}': only a request with a reply is sent again, so it has no effect here");

    private protected override void Register(CompilationStartAnalysisContext start) => start.RegisterSymbolAction(Warn, SymbolKind.NamedType);

    private static void Warn(SymbolAnalysisContext context)
    {
        INamedTypeSymbol type = (INamedTypeSymbol)context.Symbol;
        if (!ProtocolParser.IsDeclaration(type) || Declarations.OperationsOf(type).All(method => AttributeOf(method) is null))
        {
            return;
        }

        ProtocolModel? protocol = ProtocolParser.Parse(type, context.Compilation, context.CancellationToken).Model;
        foreach (OperationModel operation in protocol?.Operations.Where(operation => operation.Shape != DeclaredShape.Unary) ?? [])
        {
            IMethodSymbol method = Declarations.OperationsOf(type).First(method => Symbols.Escaped(method.Name) == operation.Method);
            if (AttributeOf(method)?.ApplicationSyntaxReference is { } attribute)
            {
                Location location = attribute.GetSyntax(context.CancellationToken).GetLocation();
                context.ReportDiagnostic(Diagnostic.Create(Useless, location, method.Name));
            }
        }
    }

    private static AttributeData? AttributeOf(IMethodSymbol method) => method.Attribute("IdempotentAttribute");
}
