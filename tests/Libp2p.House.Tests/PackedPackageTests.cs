using System.Diagnostics;
using System.IO.Compression;
using Libp2p.TestKit;

namespace Libp2p.House.Tests;

/// <summary>
/// What a user gets: a console project outside the repository that refers to the packed Libp2p.Abstractions from a folder feed, and
/// to nothing else, declares a protocol, and runs. The generator, the analyzers and their fixes travel in the package.
/// </summary>
public sealed class PackedPackageTests : IDisposable
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
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("libp2p-packed-").FullName;

    [Fact]
    public async Task A_console_project_with_the_package_alone_builds_and_runs()
    {
        string version = $"0.0.0-test.{Path.GetFileName(_folder)["libp2p-packed-".Length..].ToLowerInvariant()}"; // never in a package cache
        string feed = Path.Combine(_folder, "feed");
        string app = Path.Combine(_folder, "app");
        Directory.CreateDirectory(app);
        await File.WriteAllTextAsync(Path.Combine(app, "Program.cs"), Program);
        await File.WriteAllTextAsync(Path.Combine(app, "app.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <NuGetAudit>false</NuGetAudit>
                <RestoreAdditionalProjectSources>{feed}</RestoreAdditionalProjectSources>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Libp2p.Abstractions" Version="[{version}]" />
              </ItemGroup>
            </Project>
            """);

        await DotnetAsync("pack", Repository.At("runtime/Libp2p.Abstractions"), "-o", feed, $"-p:Version={version}", $"-p:BaseOutputPath={_folder}/bin/", "-v", "q");
        string output = await DotnetAsync("run", "--project", app);

        Assert.Equal(["/ip4/127.0.0.1/tcp/4001", "IAsk (/ask/1.0.0)"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

        await File.WriteAllTextAsync(Path.Combine(app, "Program.cs"), Program.Replace("/ask/1.0.0", "ask/1.0.0", StringComparison.Ordinal));
        (int exitCode, string said) = await RunAsync("build", app, "--no-restore");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("Program.cs(6,11): error P2P0011: 'ask/1.0.0' is no protocol id", said, StringComparison.Ordinal);
        Assert.Contains("/docs/diagnostics/P2P0011.md", said, StringComparison.Ordinal);
        Assert.DoesNotContain("CS8032", said, StringComparison.Ordinal); // an analyzer that cannot be loaded
        string[] parts = [.. Directory.GetFiles(feed, "*.nupkg").SelectMany(Parts).Order(StringComparer.Ordinal)];
        Assert.Equal(["Libp2p.Analyzers.dll", "Libp2p.CodeFixes.dll", "Libp2p.Generators.dll"], parts);
    }

    private static IEnumerable<string> Parts(string package)
    {
        using ZipArchive archive = ZipFile.OpenRead(package);
        return [.. archive.Entries.Where(entry => entry.FullName.StartsWith("analyzers/dotnet/cs/", StringComparison.Ordinal)).Select(entry => entry.Name)];
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<string> DotnetAsync(params string[] arguments)
    {
        (int exitCode, string said) = await RunAsync(arguments);
        Assert.True(exitCode == 0, $"dotnet {string.Join(' ', arguments)} ended with {exitCode}:\n{said}");
        return said;
    }

    private static async Task<(int ExitCode, string Said)> RunAsync(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await errors);
    }
}
