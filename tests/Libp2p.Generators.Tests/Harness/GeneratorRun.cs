using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Libp2p.Generators.Tests.Harness;

/// <summary>Runs the generator over sources, as a compiler with nullable references and documentation would.</summary>
internal sealed class GeneratorRun
{
    private const string Usings = """
        global using System;
        global using System.Buffers;
        global using System.Collections.Generic;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Libp2p;
        """;

    private static readonly CSharpParseOptions s_parsing = new(LanguageVersion.CSharp13, DocumentationMode.Diagnose);

    /// <summary>What this test runs on, without the generator's own assembly.</summary>
    public static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("Libp2p.Generators", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private GeneratorDriver _driver;

    /// <param name="compilation">What is compiled.</param>
    /// <param name="isTracked">Whether the reasons of its steps are kept, and with them what they were made of.</param>
    public GeneratorRun(CSharpCompilation compilation, bool isTracked = true)
    {
        Compilation = compilation;
        _driver = CSharpGeneratorDriver.Create(
            [new ProtocolGenerator().AsSourceGenerator()],
            parseOptions: (CSharpParseOptions)compilation.SyntaxTrees[0].Options,
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: isTracked));
        Run();
    }

    /// <summary>What was given to the generator last.</summary>
    public CSharpCompilation Compilation { get; private set; }

    /// <summary>What it made of it.</summary>
    public GeneratorRunResult Result => _driver.GetRunResult().Results[0];

    /// <summary>The generated files, by name.</summary>
    public ImmutableArray<GeneratedSourceResult> Sources => Result.GeneratedSources;

    /// <summary>The text of the only generated file.</summary>
    public string Text => Assert.Single(Sources).SourceText.ToString();

    /// <summary>Runs over files called <c>File0.cs</c>, <c>File1.cs</c> …</summary>
    public static GeneratorRun Of(params string[] sources) => OfFiles([.. sources.Select((source, i) => ($"File{i}.cs", source))]);

    /// <summary>Runs over files.</summary>
    public static GeneratorRun OfFiles(params (string Path, string Text)[] files) => new(CSharpCompilation.Create(
        "Demo",
        [Parse(Usings, "Usings.cs"), Parse(Messages.Source, "Messages.cs"), .. files.Select(file => Parse(file.Text, file.Path))],
        References,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, warningLevel: 9999)));

    /// <summary>Runs again, with one file changed.</summary>
    public void Replace(string path, string text)
    {
        SyntaxTree old = Compilation.SyntaxTrees.Single(tree => tree.FilePath == path);
        Compilation = Compilation.ReplaceSyntaxTree(old, Parse(text, path));
        Run();
    }

    /// <summary>Runs again, with one file more.</summary>
    public void Add(string path, string text)
    {
        Compilation = Compilation.AddSyntaxTrees(Parse(text, path));
        Run();
    }

    /// <summary>Runs again, with one reference more.</summary>
    public void Add(MetadataReference reference)
    {
        Compilation = Compilation.AddReferences(reference);
        Run();
    }

    /// <summary>Why each output of the step is what it is.</summary>
    public IReadOnlyList<IncrementalStepRunReason> Reasons(string step) =>
        [.. Result.TrackedSteps[step].SelectMany(run => run.Outputs).Select(output => output.Reason)];

    /// <summary>Why each generated file is what it is.</summary>
    public IReadOnlyList<IncrementalStepRunReason> OutputReasons() =>
        [.. Result.TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(run => run.Outputs).Select(output => output.Reason)];

    /// <summary>Sources and generated files together.</summary>
    public CSharpCompilation Whole => Compilation.AddSyntaxTrees(Sources.Select(source => source.SyntaxTree));

    /// <summary>What the compiler says of sources and generated files together, from warnings up.</summary>
    public IReadOnlyList<string> Problems() =>
        [.. Whole.GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning).Select(diagnostic => diagnostic.ToString())];

    /// <summary>What it says of generated files alone.</summary>
    public IReadOnlyList<string> GeneratedProblems() =>
    [
        .. Whole.GetDiagnostics()
            .Where(found => found.Severity >= DiagnosticSeverity.Warning && Sources.Any(source => source.SyntaxTree == found.Location.SourceTree))
            .Select(found => found.ToString()),
    ];

    public static SyntaxTree Parse(string text, string path) => CSharpSyntaxTree.ParseText(text, s_parsing, path);

    private void Run() => _driver = _driver.RunGenerators(Compilation);
}
