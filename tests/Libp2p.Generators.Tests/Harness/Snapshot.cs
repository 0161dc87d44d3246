using Libp2p.Generators.Emit;

namespace Libp2p.Generators.Tests.Harness;

/// <summary>Compares generated text with a reviewed file. <c>UPDATE_SNAPSHOTS=1</c> writes the file instead.</summary>
internal static class Snapshot
{
    public static void Matches(string name, string text)
    {
        text = text.Replace($"\"{Marks.Version}\"", "\"0.0.0.0\"", StringComparison.Ordinal); // reviewed once, not for each version
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(Path.Combine(SourceFolder(), name + ".txt"), text);
            return;
        }

        string path = Path.Combine(AppContext.BaseDirectory, "Snapshots", name + ".txt");
        Assert.True(File.Exists(path), $"There is no snapshot {name}: run once with UPDATE_SNAPSHOTS=1, and review the file.");
        Assert.Equal(File.ReadAllText(path), text);
    }

    private static string SourceFolder()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && folder.GetFiles("*.csproj").Length == 0)
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder?.FullName ?? throw new InvalidOperationException("The test's source is not here."), "Snapshots");
    }
}
