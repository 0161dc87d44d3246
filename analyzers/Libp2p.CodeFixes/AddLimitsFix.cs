using System.Composition;
using Libp2p.Analyzers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Libp2p.CodeFixes;

/// <summary>Writes the default limits out, so that they can be decided on.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(AddLimitsFix)), Shared]
public sealed class AddLimitsFix() : MethodFix(MissingLimitsAnalyzer.Missing.Id)
{
    /// <summary>What <c>OperationLimits.Default</c> says: taking the fix changes nothing at run time.</summary>
    private const string Defaults =
        "Limits(MaxMessage = 64 * global::Libp2p.Size.KiB, ExchangeSeconds = 10, InboundPerPeer = 32, OutboundPerPeer = 32)";

    private protected override Edit? Correct(SemanticModel model, MethodDeclarationSyntax declaration, IMethodSymbol method) =>
        new("Write out the default limits", editor => Attributes.Add(editor, declaration, Defaults));
}
