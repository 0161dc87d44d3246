using System.Diagnostics;
using Libp2p.TestKit;

namespace Libp2p.House.Tests;

/// <summary>The runtime's packages, packed once into a folder feed, and projects outside the repository that refer to one and to nothing else.</summary>
public sealed class PackedPackage : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("libp2p-packed-").FullName;

    /// <summary>Where the package lies.</summary>
    public string Feed => Path.Combine(_folder, "feed");

    private string Version => $"0.0.0-test.{Path.GetFileName(_folder)["libp2p-packed-".Length..].ToLowerInvariant()}"; // never in a package cache

    public async Task InitializeAsync()
    {
        foreach (string project in new[] { "Libp2p.Abstractions", "Libp2p.Runtime", "Libp2p.Hosting" })
        {
            await DotnetAsync("pack", Repository.At($"runtime/{project}"), "-o", Feed, $"-p:Version={Version}", $"-p:BaseOutputPath={_folder}/bin/", "-v", "q");
        }
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>A console project, whose warnings are errors.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="package">What it refers to.</param>
    /// <param name="properties">What it sets besides, as XML.</param>
    /// <param name="files">Its files.</param>
    /// <returns>Its folder.</returns>
    public async Task<string> CreateAsync(string name, string package, string properties, params (string Name, string Text)[] files)
    {
        string project = Path.Combine(_folder, name);
        Directory.CreateDirectory(project);
        foreach ((string file, string text) in files)
        {
            await File.WriteAllTextAsync(Path.Combine(project, file), text);
        }

        await File.WriteAllTextAsync(Path.Combine(project, name + ".csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <NuGetAudit>false</NuGetAudit>
                <RestoreAdditionalProjectSources>{Feed}</RestoreAdditionalProjectSources>
              </PropertyGroup>
              {properties}
              <ItemGroup>
                <PackageReference Include="{package}" Version="[{Version}]" />
              </ItemGroup>
            </Project>
            """);
        return project;
    }

    /// <summary>What the command says; it must succeed.</summary>
    public static Task<string> DotnetAsync(params string[] arguments) => RunAsync("dotnet", arguments);

    /// <summary>What the program says; it must succeed.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        (int exitCode, string said) = await TryAsync(program, arguments);
        Assert.True(exitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {exitCode}:\n{said}");
        return said;
    }

    /// <summary>How the program ends, and what it says.</summary>
    public static async Task<(int ExitCode, string Said)> TryAsync(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await errors);
    }
}
