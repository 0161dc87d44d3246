namespace Libp2p.TestKit;

/// <summary>The files of this repository, for tests that are compiled with this source; found from where the tests run: paths that the compiler knows are not real in a deterministic build.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string Read(string path) => File.ReadAllText(At(path)).ReplaceLineEndings("\n");

    public static string At(string path) => Path.Combine(Root, path);

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Libp2p.Gen.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Libp2p.Gen.sln.");
    }
}
