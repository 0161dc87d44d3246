using System.Diagnostics;
using Libp2p.TestKit;

namespace Libp2p.House.Tests;

/// <summary>
/// What a user gets: a console project outside the repository that refers to the packed Libp2p.Abstractions from a folder feed, and
/// to nothing else, declares a protocol, and runs. The generator travels in the package.
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
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<string> DotnetAsync(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{output}\n{await errors}");
        return output;
    }
}
