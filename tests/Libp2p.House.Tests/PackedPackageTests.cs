using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Libp2p.House.Tests;

/// <summary>What a user gets from one reference to Libp2p.Abstractions: the generator, the analyzers and their fixes travel in the package.</summary>
public sealed class PackedPackageTests(PackedPackage package) : IClassFixture<PackedPackage>
{
    private const string Program = """
        using Libp2p;

        Console.WriteLine(Multiaddress.Parse("/ip4/127.0.0.1/tcp/4001").ToString());
        Console.WriteLine(IAsk.Protocol);

        [Protocol("/ask/1.0.0")]
        public partial interface IAsk
        {
            [Limits(MaxMessage = 100, ExchangeSeconds = 1)]
            ValueTask<ReadOnlyMemory<byte>> AskAsync(ReadOnlyMemory<byte> question, CallContext context = default);
        }

        // Another protocol, and its file another file, although compilers compare their names without regard to case.
        [Protocol("/task/1.0.0")]
        public partial interface Iask
        {
            [Limits(MaxMessage = 100, ExchangeSeconds = 1)]
            ValueTask SendAsync(ReadOnlyMemory<byte> task, CallContext context = default);
        }
        """;

    /// <summary>A trimmed program, under every rule that the SDK has, that browsers could run as well.</summary>
    private const string Strictest = """
        <PropertyGroup>
          <AnalysisLevel>latest-all</AnalysisLevel>
          <GenerateDocumentationFile>true</GenerateDocumentationFile>
          <IsAotCompatible>true</IsAotCompatible>
          <PublishTrimmed>true</PublishTrimmed>
          <TrimMode>full</TrimMode>
          <TrimmerSingleWarn>false</TrimmerSingleWarn>
          <ILLinkTreatWarningsAsErrors>false</ILLinkTreatWarningsAsErrors>
          <SelfContained>true</SelfContained>
        </PropertyGroup>
        <ItemGroup>
          <SupportedPlatform Include="browser" />
        </ItemGroup>
        """;

    private const string Declarations = """
        using System.Text.Json.Serialization;
        using Google.Protobuf.WellKnownTypes;
        using Libp2p;

        namespace Trimmed;

        /// <summary>Told as JSON.</summary>
        internal sealed record Weather(int Degrees);

        /// <summary>Knows it.</summary>
        [JsonSerializable(typeof(Weather))]
        internal sealed partial class WeatherContext : JsonSerializerContext;

        /// <summary>Every shape.</summary>
        [Protocol("/{network=main}/all/1.0.0"), Json<WeatherContext>]
        [Limits(MaxMessage = 4 * Size.KiB, ExchangeSeconds = 10)]
        internal partial interface IAll
        {
            /// <summary>Text for text.</summary>
            [Id("ask")]
            ValueTask<string?> AskAsync(string question, CallContext context = default);

            /// <summary>Bytes.</summary>
            [Id("push")]
            ValueTask PushAsync(ReadOnlyMemory<byte> bytes, CallContext context = default);

            /// <summary>Bytes back.</summary>
            [Id("pull")]
            ValueTask<ReadOnlyMemory<byte>> PullAsync(CallContext context = default);

            /// <summary>A forecast.</summary>
            [Id("watch")]
            IAsyncEnumerable<Weather> WatchAsync(CallContext context = default);

            /// <summary>Measurements, which are summed up.</summary>
            [Id("sum")]
            ValueTask<StringValue> SumAsync(IAsyncEnumerable<Weather> messages, CallContext context = default);

            /// <summary>Both ways.</summary>
            [Id("talk")]
            IAsyncEnumerable<StringValue> TalkAsync(IAsyncEnumerable<StringValue> said, CallContext context = default);

            /// <summary>In turn.</summary>
            [Id("agree")]
            ValueTask AgreeAsync(Dialogue<StringValue, Weather> dialogue, CallContext context = default);

            /// <summary>Bytes, as they come.</summary>
            [Id("pipe")]
            ValueTask PipeAsync(P2PStream stream, CallContext context = default);
        }
        """;

    /// <summary>Messages of each codec go over a stream in memory. What is checked is the code that is generated, not this.</summary>
    private const string Caller = """
        #pragma warning disable
        using Google.Protobuf.WellKnownTypes;
        using Libp2p;
        using Trimmed;

        IAll all = new Service();
        await using MessageWriter<Weather, StringValue> writer = await all.OpenSumAsync();
        await writer.WriteAsync(new Weather(20));
        await writer.WriteAsync(new Weather(22));
        Console.WriteLine((await writer.CompleteAsync()).Value);

        await using Dialogue<Weather, StringValue> dialogue = await all.OpenAgreeAsync();
        await dialogue.SendAsync(new StringValue { Value = "how warm?" });
        Console.WriteLine(await dialogue.ReceiveAsync());

        Console.WriteLine(IAll.Protocol.Bind(network: "test").Ids[0]);

        sealed class Service : IAll
        {
            public async ValueTask<StringValue> SumAsync(IAsyncEnumerable<Weather> messages, CallContext context)
            {
                int sum = 0;
                await foreach (Weather weather in messages)
                {
                    sum += weather.Degrees;
                }

                return new StringValue { Value = $"{sum} degrees" };
            }

            public async ValueTask AgreeAsync(Dialogue<StringValue, Weather> dialogue, CallContext context) =>
                await dialogue.SendAsync(new Weather((await dialogue.ReceiveAsync()).Value.Length));

            public ValueTask<string?> AskAsync(string question, CallContext context) => throw new NotSupportedException();
            public ValueTask PushAsync(ReadOnlyMemory<byte> bytes, CallContext context) => throw new NotSupportedException();
            public ValueTask<ReadOnlyMemory<byte>> PullAsync(CallContext context) => throw new NotSupportedException();
            public IAsyncEnumerable<Weather> WatchAsync(CallContext context) => throw new NotSupportedException();
            public IAsyncEnumerable<StringValue> TalkAsync(IAsyncEnumerable<StringValue> said, CallContext context) => throw new NotSupportedException();
            public ValueTask PipeAsync(P2PStream stream, CallContext context) => throw new NotSupportedException();
        }
        """;

    [Fact]
    public async Task A_console_project_with_the_package_alone_builds_and_runs_and_is_told_its_mistakes()
    {
        string app = await package.CreateAsync("app", "", ("Program.cs", Program));

        string output = await PackedPackage.DotnetAsync("run", "--project", app);
        Assert.Equal(["/ip4/127.0.0.1/tcp/4001", "IAsk (/ask/1.0.0)"], Lines(output));

        await File.WriteAllTextAsync(Path.Combine(app, "Program.cs"), Program.Replace("/ask/1.0.0", "ask/1.0.0", StringComparison.Ordinal));
        (int exitCode, string said) = await PackedPackage.TryAsync("dotnet", "build", app, "--no-restore");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("Program.cs(6,11): error P2P0011: 'ask/1.0.0' is no protocol id", said, StringComparison.Ordinal);
        Assert.Contains("/docs/diagnostics/P2P0011.md", said, StringComparison.Ordinal);
        Assert.DoesNotContain("CS8032", said, StringComparison.Ordinal); // an analyzer that cannot be loaded

        await File.WriteAllTextAsync(Path.Combine(app, "Program.cs"), Program + "\n[Protocol(\"/again/1.0.0\")] public partial interface IAsk;\n");
        (exitCode, said) = await PackedPackage.TryAsync("dotnet", "build", app, "--no-restore");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("error CS0579: Duplicate 'Protocol' attribute", said, StringComparison.Ordinal);
        Assert.DoesNotContain("CS8785", said, StringComparison.Ordinal); // a generator that threw, and took all output with it
    }

    [Fact]
    public async Task Declarations_are_clean_under_every_rule_for_browsers_too_and_run_trimmed()
    {
        string app = await package.CreateAsync("trimmed", Strictest, ("Declarations.cs", Declarations), ("Program.cs", Caller));
        string published = Path.Combine(app, "published");

        string said = await PackedPackage.DotnetAsync("publish", app, "-o", published, "-r", RuntimeInformation.RuntimeIdentifier);
        string output = await PackedPackage.RunAsync(Path.Combine(published, OperatingSystem.IsWindows() ? "trimmed.exe" : "trimmed"));

        // Protobuf's own: what it writes enums as in JSON, which its messages' ToString reaches.
        Assert.DoesNotContain(Lines(said), line => line.Contains("warning", StringComparison.Ordinal) && !line.Contains("Google.Protobuf.JsonFormatter", StringComparison.Ordinal));
        Assert.Equal(["42 degrees", "Weather { Degrees = 9 }", "/test/all/1.0.0/ask"], Lines(output));
    }

    [Fact]
    public void The_package_holds_generator_analyzers_and_fixes()
    {
        using ZipArchive archive = ZipFile.OpenRead(Assert.Single(Directory.GetFiles(package.Feed, "*.nupkg")));

        Assert.Equal(
            ["Libp2p.Analyzers.dll", "Libp2p.CodeFixes.dll", "Libp2p.Generators.dll"],
            archive.Entries.Where(entry => entry.FullName.StartsWith("analyzers/dotnet/cs/", StringComparison.Ordinal)).Select(entry => entry.Name).Order(StringComparer.Ordinal));
    }

    private static string[] Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
