using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Libp2p.Generators.Tests.Harness;

/// <summary>A project with settings of its own, without implicit usings: how it is compiled, with what, and what its program prints.</summary>
internal sealed record UserProject(string Source)
{
    public LanguageVersion Language { get; init; } = LanguageVersion.CSharp13;

    public CSharpCompilationOptions Options { get; init; } = new(OutputKind.DynamicallyLinkedLibrary, warningLevel: 9999, allowUnsafe: true);

    /// <summary>The features of <c>/features</c>.</summary>
    public string[] Features { get; init; } = [];

    /// <summary>The extern aliases of the library's assembly; none: it has its name.</summary>
    public string[] LibraryAliases { get; init; } = [];

    /// <summary>References beside the library and what it stands on.</summary>
    public MetadataReference[] References { get; init; } = [];

    /// <summary>Runs the generator over it.</summary>
    public GeneratorRun Generate()
    {
        CSharpParseOptions parsing = new CSharpParseOptions(Language, DocumentationMode.Diagnose)
            .WithFeatures(Features.Select(feature => KeyValuePair.Create(feature, "true")));
        IEnumerable<MetadataReference> references = GeneratorRun.References.Select(reference =>
            Path.GetFileName(reference.Display) == "Libp2p.Abstractions.dll" && LibraryAliases.Length > 0 ? reference.WithAliases(LibraryAliases) : reference);
        return new GeneratorRun(CSharpCompilation.Create(
            "User", [CSharpSyntaxTree.ParseText(Source, parsing, "User.cs")], [.. references, .. References], Options));
    }

    /// <summary>What <c>Program.Run</c> returns once it is compiled with what was generated, which draws no warning.</summary>
    public static async Task<string> RunAsync(GeneratorRun generated, params byte[][] libraries)
    {
        Assert.Empty(generated.GeneratedProblems());
        AssemblyLoadContext context = new(null, isCollectible: true);
        try
        {
            foreach (byte[] library in libraries)
            {
                context.LoadFromStream(new MemoryStream(library));
            }

            Type program = context.LoadFromStream(new MemoryStream(Emit(generated.Whole))).GetType("Program")!;
            return await (Task<string>)program.GetMethod("Run")!.Invoke(null, null)!;
        }
        finally
        {
            context.Unload();
        }
    }

    /// <summary>The compiled assembly, which must have no error.</summary>
    public static byte[] Emit(CSharpCompilation compilation)
    {
        using MemoryStream bytes = new();
        Assert.DoesNotContain(compilation.Emit(bytes).Diagnostics, diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        return bytes.ToArray();
    }
}
