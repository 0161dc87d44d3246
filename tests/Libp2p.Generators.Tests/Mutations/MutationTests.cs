using System.Globalization;
using Libp2p.Generators.Parsing;
using Libp2p.Generators.Tests.Harness;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Libp2p.Generators.Tests.Mutations;

/// <summary>
/// Whatever is declared: the generator never throws; what compiles still compiles with what it adds, without a warning; and what
/// compiles and generates nothing is explained. LIBP2P_MUTATIONS=10000 runs as many, LIBP2P_MUTATION_SEED=n begins with another one.
/// </summary>
public sealed class MutationTests
{
    private static readonly int s_count = Setting("LIBP2P_MUTATIONS", 500);
    private static readonly CSharpCompilation s_base = GeneratorRun.OfFiles(("Support.cs", Corpus.Support)).Compilation;
    private static readonly int s_seed = Setting("LIBP2P_MUTATION_SEED", 1);

    [Fact]
    public void The_corpus_itself_compiles_and_generates()
    {
        Assert.All(Corpus.Declarations, declaration =>
        {
            Assert.Equal((true, null), Check([declaration]));
            int declared = declaration.Split("[Protocol(").Length - 1;
            Assert.Equal(declared, Run([declaration]).Sources.Length);
        });
    }

    [Fact]
    public void No_mutation_breaks_the_generator()
    {
        int sound = 0;
        List<string> broken = [];
        for (int i = 0; i < s_count && broken.Count < 5; i++)
        {
            int seed = s_seed + i;
            string[] files = new Mutator(seed).MutateFiles(Corpus.Declarations[seed % Corpus.Declarations.Length]);
            (bool compiles, string? problem) = Check(files);
            sound += compiles ? 1 : 0;
            if (problem is not null)
            {
                broken.Add($"seed {seed}: {problem}\n{string.Join("\n--- and in another file\n", files)}");
            }
        }

        Assert.True(broken.Count == 0, string.Join("\n\n", broken));
        Assert.True(sound > s_count / 20, $"Only {sound} of {s_count} mutations compile: the rest proves little.");
    }

    private static GeneratorRun Run(string[] files) =>
        new(s_base.AddSyntaxTrees(files.Select((code, i) => GeneratorRun.Parse(code, $"Code{i}.cs"))), isTracked: false);

    private static (bool Compiles, string? Problem) Check(string[] files)
    {
        GeneratorRun run = Run(files);
        bool compiles = !run.Compilation.GetDiagnostics().Any(IsError);
        string? problem =
            run.Result.Exception is { } exception ? $"threw {exception}"
            : run.Result.Diagnostics is [var said, ..] ? $"said {said}"
            : run.Sources.SelectMany(source => source.SyntaxTree.GetDiagnostics()).FirstOrDefault() is { } malformed ? $"emitted {malformed}"
            : compiles ? Emitted(run) ?? Unexplained(run)
            : null;
        return (compiles, problem);
    }

    private static string? Emitted(GeneratorRun run) => run.Sources.IsEmpty ? null : run.Whole.GetDiagnostics()
        .FirstOrDefault(found => IsError(found)
            || (found.Severity == DiagnosticSeverity.Warning && run.Sources.Any(source => source.SyntaxTree == found.Location.SourceTree)))
        is { } found ? $"emitted {found}" : null;

    private static string? Unexplained(GeneratorRun run)
    {
        INamedTypeSymbol? silent = run.Compilation.GetSymbolsWithName(_ => true, SymbolFilter.Type)
            .OfType<INamedTypeSymbol>()
            .Where(type => type.Attributes("ProtocolAttribute").Any())
            .FirstOrDefault(type => ProtocolParser.Parse(type, run.Compilation, CancellationToken.None) is { Model: null, Problems.Count: 0 });
        return silent is null ? null : $"{silent} generates nothing, and nothing says why";
    }

    private static bool IsError(Diagnostic diagnostic) => diagnostic.Severity == DiagnosticSeverity.Error;

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
