using System.Collections.Immutable;
using Libp2p.Analyzers;
using Libp2p.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Libp2p.House.Tests;

/// <summary>Every complete snippet of the README and of docs/declarations.md compiles, with the generator and the analyzers where it is a declaration.</summary>
public sealed class SnippetTests
{
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Libp2p;
        """;

    private static readonly CSharpParseOptions s_parse = new(LanguageVersion.Preview);

    [Fact]
    public async Task The_declarations_of_the_standard_protocols_compile()
    {
        IReadOnlyList<string> snippets = Snippets.Of("docs/declarations.md");
        Assert.True(snippets.Count >= 15, $"only {snippets.Count} snippets were found");
        await AssertCompilesAsync(
            snippets, OutputKind.DynamicallyLinkedLibrary, References.Without("Libp2p.Bitswap", "Libp2p.Kademlia", "Libp2p.Protocols", "Libp2p.PubSub"));
    }

    [Fact]
    public async Task The_snippets_of_the_readme_compile()
    {
        IReadOnlyList<string> snippets = Snippets.Of("README.md");
        Assert.True(snippets.Count >= 3, $"only {snippets.Count} snippets were found");
        foreach (string program in snippets.Skip(1))
        {
            await AssertCompilesAsync([snippets[0], program], OutputKind.ConsoleApplication, References.Platform);
        }
    }

    private static async Task AssertCompilesAsync(IEnumerable<string> snippets, OutputKind kind, IEnumerable<MetadataReference> references)
    {
        CSharpCompilation compilation = CSharpCompilation.Create(
            "snippets",
            snippets.Prepend(ImplicitUsings).Select((text, i) => CSharpSyntaxTree.ParseText(text, s_parse, $"snippet{i}.cs")),
            references,
            new CSharpCompilationOptions(kind, nullableContextOptions: NullableContextOptions.Enable));
        CSharpGeneratorDriver.Create([new ProtocolGenerator().AsSourceGenerator()], parseOptions: s_parse)
            .RunGeneratorsAndUpdateCompilation(compilation, out Compilation generated, out ImmutableArray<Diagnostic> problems);
        ImmutableArray<Diagnostic> explained = await generated.WithAnalyzers([new DeclarationAnalyzer(), new MissingLimitsAnalyzer()]).GetAnalyzerDiagnosticsAsync();
        Diagnostic[] errors =
        [
            .. generated.GetDiagnostics().Concat(problems).Concat(explained)
                .Where(d => d.Severity >= DiagnosticSeverity.Warning && d.Id is not "CS1701" and not "CS1702" && !IsOfAnotherAssembly(d.Id)),
        ];
        Assert.True(errors.Length == 0, string.Join("\n", errors.Select(error => error.ToString())));
    }

    /// <summary>Of an interface that members of an envelope implement: snippets cannot add it to classes of another assembly, as partial ones do.</summary>
    private static bool IsOfAnotherAssembly(string id) => id is "P2P0050";
}
