using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Libp2p.CodeFixes;

/// <summary>Applies a fix to all of its diagnostics, in one solution: a correction may reach into other documents.</summary>
internal sealed class DeclarationFixAll : FixAllProvider
{
    public static readonly DeclarationFixAll Instance = new();

    public override async Task<CodeAction?> GetFixAsync(FixAllContext fixAllContext)
    {
        DeclarationFix fix = (DeclarationFix)fixAllContext.CodeFixProvider;
        ImmutableArray<Diagnostic> diagnostics = await FindAsync(fixAllContext);
        (DocumentId, Diagnostic)[] places =
        [
            .. from diagnostic in diagnostics
               let document = fixAllContext.Solution.GetDocumentId(diagnostic.Location.SourceTree)
               where document is not null
               select (document, diagnostic),
        ];
        return CodeAction.Create(
            "Correct all declarations", token => fix.ApplyAsync(fixAllContext.Solution, places, token), fixAllContext.CodeActionEquivalenceKey);
    }

    private static async Task<ImmutableArray<Diagnostic>> FindAsync(FixAllContext context)
    {
        if (context is { Scope: FixAllScope.Document, Document: { } document })
        {
            return await context.GetDocumentDiagnosticsAsync(document);
        }

        ImmutableArray<Diagnostic> found = [];
        foreach (Project project in context.Scope == FixAllScope.Solution ? context.Solution.Projects : [context.Project])
        {
            found = found.AddRange(await context.GetAllDiagnosticsAsync(project));
        }

        return found;
    }
}
