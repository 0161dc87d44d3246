using System.Collections.Immutable;
using BenchmarkDotNet.Attributes;
using Libp2p.Analyzers;
using Libp2p.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Libp2p.Benchmarks.Generators;

/// <summary>
/// What the generator and the analyzers add to a build (cold) and to a keystroke in an editor (warm), for 30 protocols of six operations
/// each. Each measures the compiler's own work as far as it is asked for: <see cref="CompilerAlone"/> is what it takes without us.
/// </summary>
[MemoryDiagnoser]
public class GeneratorBenchmarks
{
    private const int Protocols = 30;

    private static readonly CSharpParseOptions s_parsing = new(LanguageVersion.CSharp13, DocumentationMode.Diagnose);

    private SyntaxTree[] _files = [];
    private MetadataReference[] _references = [];
    private CSharpCompilation _otherEdited = null!;
    private CSharpCompilation _protocolEdited = null!;
    private GeneratorDriver _warm = null!;

    [GlobalSetup]
    public void Setup()
    {
        _references = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path))];
        _files = [Parse("global using System.Collections.Generic; global using System.Threading.Tasks; global using Libp2p;"), Parse("class Other;"),
            .. Enumerable.Range(0, Protocols).Select(i => Parse(Declare(i, "1.0.0")))];
        CSharpCompilation whole = Compile();
        _warm = Driver().RunGenerators(whole);
        _otherEdited = whole.ReplaceSyntaxTree(_files[1], Parse("class Another;"));
        _protocolEdited = whole.ReplaceSyntaxTree(_files[2], Parse(Declare(0, "1.1.0")));
    }

    /// <summary>Binds what the declarations say, without a generator.</summary>
    [Benchmark(Baseline = true)]
    public int CompilerAlone() => Compile().GetDeclarationDiagnostics().Length;

    /// <summary>The first run, as in a build: parse, bind and emit all.</summary>
    [Benchmark]
    public GeneratorDriver Cold() => Driver().RunGenerators(Compile());

    /// <summary>The analyzers in the same build.</summary>
    [Benchmark]
    public ImmutableArray<Diagnostic> ColdAnalyzers() =>
        Compile().WithAnalyzers([new DeclarationAnalyzer(), new MissingLimitsAnalyzer()]).GetAnalyzerDiagnosticsAsync().GetAwaiter().GetResult();

    /// <summary>A keystroke in a file without a protocol.</summary>
    [Benchmark]
    public GeneratorDriver WarmOtherFile() => _warm.RunGenerators(_otherEdited);

    /// <summary>A keystroke in one of the protocols.</summary>
    [Benchmark]
    public GeneratorDriver WarmProtocol() => _warm.RunGenerators(_protocolEdited);

    private static CSharpGeneratorDriver Driver() => CSharpGeneratorDriver.Create([new ProtocolGenerator().AsSourceGenerator()], parseOptions: s_parsing);

    private static SyntaxTree Parse(string text) => CSharpSyntaxTree.ParseText(text, s_parsing);

    private CSharpCompilation Compile() => CSharpCompilation.Create("Demo", _files, _references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));

    private static string Declare(int number, string version) => $$"""
        namespace Demo;

        /// <summary>Number {{number}}.</summary>
        [Protocol("/demo{{number}}/{{version}}")]
        [Limits(MaxMessage = 2 * Size.KiB, ExchangeSeconds = 3)]
        public partial interface IDemo{{number}}
        {
            /// <summary>Text for text.</summary>
            [Id("ask")] ValueTask<string> AskAsync(string question, CallContext context = default);

            /// <summary>Text.</summary>
            [Id("push")] ValueTask PushAsync(string text, CallContext context = default);

            /// <summary>A stream.</summary>
            [Id("follow")] IAsyncEnumerable<string> FollowAsync(string from, CallContext context = default);

            /// <summary>Both ways.</summary>
            [Id("talk")] IAsyncEnumerable<string> TalkAsync(IAsyncEnumerable<string> said, CallContext context = default);

            /// <summary>In turn.</summary>
            [Id("agree")] ValueTask AgreeAsync(Dialogue<string, string> dialogue, CallContext context = default);

            /// <summary>Bytes.</summary>
            [Id("pipe")] ValueTask PipeAsync(P2PStream stream, CallContext context = default);
        }
        """;
}
