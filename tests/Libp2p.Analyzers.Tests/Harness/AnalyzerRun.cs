using System.Collections.Immutable;
using Libp2p.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Libp2p.Analyzers.Tests.Harness;

/// <summary>Runs the generator and then all analyzers over code, as a compiler does.</summary>
internal sealed record AnalyzerRun(Compilation Compilation, ImmutableArray<Diagnostic> Diagnostics)
{
    public static ImmutableArray<DiagnosticAnalyzer> Analyzers { get; } =
    [
        .. typeof(DeclarationAnalyzer).Assembly.GetTypes()
            .Where(type => typeof(DiagnosticAnalyzer).IsAssignableFrom(type) && !type.IsAbstract)
            .Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    /// <summary>The ids of what was reported, in the order of their places.</summary>
    public IEnumerable<string> Ids => Diagnostics.Select(diagnostic => diagnostic.Id);

    /// <summary>What the compiler says of code and generated files together.</summary>
    public IEnumerable<string> Errors =>
        Compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(diagnostic => diagnostic.ToString());

    public static Task<AnalyzerRun> OfAsync(string source) => OfAsync(Sources.Compile(source));

    public static async Task<AnalyzerRun> OfAsync(Compilation compilation)
    {
        CSharpGeneratorDriver.Create([new ProtocolGenerator().AsSourceGenerator()], parseOptions: (CSharpParseOptions)compilation.SyntaxTrees.First().Options)
            .RunGeneratorsAndUpdateCompilation(compilation, out Compilation generated, out _);
        CompilationWithAnalyzers analysis = generated.WithAnalyzers(Analyzers);
        ImmutableArray<Diagnostic> diagnostics = await analysis.GetAnalyzerDiagnosticsAsync();
        return new AnalyzerRun(generated, [.. diagnostics.OrderBy(diagnostic => diagnostic.Location.SourceSpan.Start)]);
    }

    /// <summary>
    /// Runs over code in which <c>[|</c> and <c>|]</c> enclose each place that must be flagged, and nothing else may be, with this rule.
    /// </summary>
    public static async Task FlagsAsync(string id, string marked)
    {
        (string source, IReadOnlyList<string> expected) = Unmark(marked);
        AnalyzerRun run = await OfAsync(source);
        Assert.Equal(
            expected.Select(place => $"{id} {place}"),
            run.Diagnostics.Select(found => $"{found.Id} {found.Location.SourceSpan}={found.Location.SourceTree!.GetText().ToString(found.Location.SourceSpan)}"));
    }

    private static (string Source, IReadOnlyList<string> Places) Unmark(string marked)
    {
        List<string> places = [];
        for (int start = marked.IndexOf("[|", StringComparison.Ordinal); start >= 0; start = marked.IndexOf("[|", StringComparison.Ordinal))
        {
            int end = marked.IndexOf("|]", start, StringComparison.Ordinal) - 2;
            marked = marked.Remove(start, 2).Remove(end, 2);
            places.Add($"[{start}..{end})={marked[start..end]}");
        }

        return (marked, places);
    }
}
