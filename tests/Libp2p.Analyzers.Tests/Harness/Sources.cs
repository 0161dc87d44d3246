using System.Collections.Immutable;
using Libp2p.Generators.Tests.Harness;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Libp2p.Analyzers.Tests.Harness;

/// <summary>What every run compiles besides the code in question, and how.</summary>
internal static class Sources
{
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Libp2p;
        """;

    public static readonly CSharpParseOptions Parsing = new(LanguageVersion.CSharp13);

    public static readonly CSharpCompilationOptions Options = new(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable);

    /// <summary>What this test runs on, without the compiler's own assemblies.</summary>
    public static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("Libp2p.", StringComparison.Ordinal) || Path.GetFileName(path) == "Libp2p.Abstractions.dll")
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>Global usings and two protobuf messages, <c>Demo.Note</c> and <c>Demo.Receipt</c>.</summary>
    public static readonly ImmutableArray<(string Path, string Text)> Common = [("Usings.cs", Usings), ("Messages.cs", Messages.Source)];

    public static CSharpCompilation Compile(string source) => Compile(source, Parsing.LanguageVersion, libraryAlias: null);

    /// <summary>The same in a project with a version of C#, and an alias for the library, of its own.</summary>
    public static CSharpCompilation Compile(string source, LanguageVersion version, string? libraryAlias) => CSharpCompilation.Create(
        "Demo",
        [.. Common.Append(("Code.cs", source)).Select(file => CSharpSyntaxTree.ParseText(file.Item2, Parsing.WithLanguageVersion(version), file.Item1))],
        References.Select(reference => libraryAlias is not null && IsLibrary(reference) ? reference.WithAliases([libraryAlias]) : reference),
        Options);

    private static bool IsLibrary(MetadataReference reference) => Path.GetFileName(reference.Display) == "Libp2p.Abstractions.dll";
}
