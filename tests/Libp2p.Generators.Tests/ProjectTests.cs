using Libp2p.Generators.Parsing;
using Libp2p.Generators.Tests.Harness;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Libp2p.Generators.Tests;

/// <summary>In whatever project a declaration stands, what is generated compiles, runs and draws no warning; else one diagnostic is ours.</summary>
public sealed class ProjectTests
{
    /// <summary>A protocol and its use, as C# 8 has them: without implicit usings, and with implementations that know no nullable references.</summary>
    private const string Program = """
        using System;
        using System.Collections.Generic;
        using System.Threading.Tasks;
        using Libp2p;

        public class Quota : Exception { public Quota(string message, Exception cause) : base(message, cause) { } }

        [Protocol("/{network=ipfs}/demo/2.0.0", "/{network=ipfs}/demo/1.0.0")]
        [Limits(MaxMessage = 100, ExchangeSeconds = 1), ResetCode(0x10001, typeof(Quota))]
        public partial interface IDemo
        {
            [Id("ask")] ValueTask<string> AskAsync(string question, CallContext context = default);
            [Id("room")] IAsyncEnumerable<string> RoomAsync(IAsyncEnumerable<string> said, CallContext context = default);
            [Id("raw")] ValueTask RawAsync(P2PStream stream, CallContext context = default);
            [Id("count"), Connection(OpenedBy = ConnectionOpener.Dialer)] ValueTask<string> CountAsync(IAsyncEnumerable<string> words, CallContext context = default);
        }

        public class Demo : IDemo
        {
            public ValueTask<string> AskAsync(string question, CallContext context) => new ValueTask<string>(question);
            public IAsyncEnumerable<string> RoomAsync(IAsyncEnumerable<string> said, CallContext context) => said;
            public ValueTask RawAsync(P2PStream stream, CallContext context) => default;
            public async ValueTask<string> CountAsync(IAsyncEnumerable<string> words, CallContext context)
            {
                int count = 0;
                await foreach (string word in words) { count += word.Length; }
                return count.ToString();
            }
        }

        public static class Program
        {
            public static async Task<string> Run()
            {
                IDemo demo = new Demo();
                await using var writer = await demo.OpenCountAsync();
                await writer.WriteAsync("three");
                await writer.WriteAsync("four");
                return await writer.CompleteAsync() + " " + IDemo.Protocol.Bind(network: "lan").Settings("Count").Ids[1];
            }
        }
        """;

    /// <summary>Every version that this compiler knows, the names of versions among them.</summary>
    public static TheoryData<LanguageVersion> Versions => [.. Enum.GetValues<LanguageVersion>()];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task In_any_version_of_the_language_it_runs_or_one_diagnostic_names_the_version_it_needs(LanguageVersion version)
    {
        GeneratorRun run = new UserProject(Program) { Language = version }.Generate();

        if (version.MapSpecifiedToEffectiveVersion() >= LanguageVersion.CSharp9)
        {
            Assert.Equal("9 /lan/demo/1.0.0/count", await UserProject.RunAsync(run));
        }
        else
        {
            DeclarationProblem problem = OnlyProblem(run);
            Assert.Equal(DeclarationProblemKind.LanguageTooOld, problem.Kind);
            Assert.Equal(["IDemo", "9.0"], problem.Arguments);
        }
    }

    [Theory]
    [InlineData(true, NullableContextOptions.Disable)]
    [InlineData(true, NullableContextOptions.Enable)]
    [InlineData(false, NullableContextOptions.Warnings)]
    [InlineData(false, NullableContextOptions.Annotations)]
    public async Task With_any_options_of_the_compiler_it_runs_without_a_warning(bool isChecked, NullableContextOptions nullable)
    {
        UserProject project = new(Program) { Features = ["strict"] };
        GeneratorRun run = (project with
        {
            Options = project.Options
                .WithOverflowChecks(isChecked)
                .WithNullableContextOptions(nullable)
                .WithAllowUnsafe(false)
                .WithGeneralDiagnosticOption(ReportDiagnostic.Error),
        }).Generate();

        Assert.Equal("9 /lan/demo/1.0.0/count", await UserProject.RunAsync(new GeneratorRun(run.Compilation.WithOptions(
            run.Compilation.Options.WithGeneralDiagnosticOption(ReportDiagnostic.Default)))));
        Assert.Empty(run.GeneratedProblems());
    }

    [Fact]
    public void An_assembly_that_complies_with_the_common_language_specification_gets_no_warning_of_what_it_cannot_change()
    {
        GeneratorRun run = new UserProject(Program.Replace("public class Quota", "[assembly: CLSCompliant(true)] public class Quota", StringComparison.Ordinal)).Generate();

        Assert.Empty(run.GeneratedProblems());
    }

    [Theory]
    [InlineData("int*[]")]
    [InlineData("delegate*<void>[]")]
    [InlineData("System.Collections.Generic.List<int*[]>")]
    public void A_message_of_pointers_has_no_codec(string type)
    {
        GeneratorRun run = new UserProject($$"""
            using Libp2p;
            unsafe class Codec : Libp2p.Codecs.MessageCodec<{{type}}> { }

            [Protocol("/a"), Codec<Codec>]
            unsafe partial interface IDemo { System.Threading.Tasks.ValueTask SendAsync({{type}} message, CallContext context); }
            """).Generate();

        Assert.Equal(DeclarationProblemKind.UnknownCodec, OnlyProblem(run).Kind);
    }

    [Theory]
    [InlineData("p2p")]
    [InlineData("p2p", "class Libp2p { }", "global")]
    [InlineData("p2p", "namespace System { class Other { } } class System2 { }")]
    public void Where_the_library_has_only_an_alias_one_diagnostic_says_so(string alias, string more = "", string second = "p2p")
    {
        GeneratorRun run = new UserProject($$"""
            extern alias {{alias}};
            [{{alias}}::Libp2p.Protocol("/a")]
            public partial interface IDemo { global::System.Threading.Tasks.ValueTask SendAsync(string text, {{alias}}::Libp2p.CallContext context); }
            {{more}}
            """)
        {
            LibraryAliases = [alias, second],
        }.Generate();

        Assert.Equal(DeclarationProblemKind.LibraryHidden, OnlyProblem(run).Kind);
    }

    [Fact]
    public async Task A_library_with_an_alias_beside_its_name_is_the_library()
    {
        GeneratorRun run = new UserProject(Program) { LibraryAliases = ["p2p", "global"] }.Generate();

        Assert.Equal("9 /lan/demo/1.0.0/count", await UserProject.RunAsync(run));
    }

    private static DeclarationProblem OnlyProblem(GeneratorRun run)
    {
        Assert.Empty(run.Sources);
        Assert.Null(run.Result.Exception);
        INamedTypeSymbol declared = run.Compilation.GetTypeByMetadataName("IDemo")!;
        return Assert.Single(ProtocolParser.Parse(declared, run.Compilation, CancellationToken.None).Problems);
    }
}
