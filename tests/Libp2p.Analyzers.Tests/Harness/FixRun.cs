using System.Collections.Immutable;
using Libp2p.CodeFixes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Text;

namespace Libp2p.Analyzers.Tests.Harness;

/// <summary>Offers the fixes of a diagnostic, and takes them.</summary>
internal static class FixRun
{
    public static ImmutableArray<CodeFixProvider> Fixes { get; } =
    [
        .. typeof(DeclarationFix).Assembly.GetTypes()
            .Where(type => typeof(CodeFixProvider).IsAssignableFrom(type) && !type.IsAbstract)
            .Select(type => (CodeFixProvider)Activator.CreateInstance(type)!),
    ];

    /// <summary>Takes the fix of the first diagnostic with this id; null where none is offered.</summary>
    public static async Task<string?> FirstAsync(string id, string source) => (await FirstOfAsync(id, source))?[0];

    /// <summary>The same in several files, the first of which has the mistake.</summary>
    public static async Task<string[]?> FirstOfAsync(string id, params string[] sources)
    {
        using AdhocWorkspace workspace = new();
        Document[] documents = Open(workspace, sources);
        (CodeFixProvider fix, ImmutableArray<Diagnostic> diagnostics) = await FindAsync(documents[0], id);
        return await ActionAsync(fix, documents[0], diagnostics[0]) is { } action ? await ApplyAsync(action, documents) : null;
    }

    /// <summary>Takes Fix All in the document.</summary>
    public static async Task<string> AllAsync(string id, string source) => (await AllOfAsync(id, FixAllScope.Document, source))[0];

    /// <summary>Takes Fix All in several files.</summary>
    public static async Task<string[]> AllOfAsync(string id, FixAllScope scope, params string[] sources)
    {
        using AdhocWorkspace workspace = new();
        Document[] documents = Open(workspace, sources);
        (CodeFixProvider fix, ImmutableArray<Diagnostic> diagnostics) = await FindAsync(documents[0], id);
        CodeAction first = (await ActionAsync(fix, documents[0], diagnostics[0]))!;
        FixAllContext context = new(
            documents[0], fix, scope, first.EquivalenceKey, fix.FixableDiagnosticIds, new Provider(diagnostics), CancellationToken.None);
        CodeAction all = (await fix.GetFixAllProvider()!.GetFixAsync(context))!;
        return await ApplyAsync(all, documents);
    }

    private static Document[] Open(AdhocWorkspace workspace, string[] sources)
    {
        ProjectId project = ProjectId.CreateNewId();
        Solution solution = workspace.CurrentSolution
            .AddProject(project, "Demo", "Demo", LanguageNames.CSharp)
            .WithProjectParseOptions(project, Sources.Parsing)
            .WithProjectCompilationOptions(project, Sources.Options)
            .AddMetadataReferences(project, Sources.References);
        List<DocumentId> ids = [];
        foreach ((string path, string text) in sources.Select((source, i) => ($"Code{i}.cs", source)).Concat(Sources.Common))
        {
            ids.Add(DocumentId.CreateNewId(project));
            solution = solution.AddDocument(ids[^1], path, SourceText.From(text), filePath: path);
        }

        return [.. ids.Take(sources.Length).Select(id => solution.GetDocument(id)!)];
    }

    private static async Task<(CodeFixProvider Fix, ImmutableArray<Diagnostic> Diagnostics)> FindAsync(Document document, string id)
    {
        AnalyzerRun run = await AnalyzerRun.OfAsync((await document.Project.GetCompilationAsync())!);
        ImmutableArray<Diagnostic> diagnostics = [.. run.Diagnostics.Where(diagnostic => diagnostic.Id == id)];
        Assert.NotEmpty(diagnostics);
        return (Assert.Single(Fixes, fix => fix.FixableDiagnosticIds.Contains(id)), diagnostics);
    }

    private static async Task<CodeAction?> ActionAsync(CodeFixProvider fix, Document document, Diagnostic diagnostic)
    {
        CodeAction? offered = null;
        await fix.RegisterCodeFixesAsync(new CodeFixContext(document, diagnostic, (action, _) => offered = action, CancellationToken.None));
        return offered;
    }

    private static async Task<string[]> ApplyAsync(CodeAction action, Document[] documents)
    {
        ApplyChangesOperation changes = Assert.IsType<ApplyChangesOperation>(Assert.Single(await action.GetOperationsAsync(CancellationToken.None)));
        return await Task.WhenAll(documents.Select(async document => (await changes.ChangedSolution.GetDocument(document.Id)!.GetTextAsync()).ToString()));
    }

    private sealed class Provider(ImmutableArray<Diagnostic> diagnostics) : FixAllContext.DiagnosticProvider
    {
        public override Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project project, CancellationToken cancellationToken) =>
            Task.FromResult<IEnumerable<Diagnostic>>(diagnostics);

        public override Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken cancellationToken) =>
            Task.FromResult(diagnostics.Where(found => found.Location.SourceTree!.FilePath == document.FilePath));

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project project, CancellationToken cancellationToken) =>
            Task.FromResult<IEnumerable<Diagnostic>>([]);
    }
}
