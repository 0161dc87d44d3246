namespace Libp2p.TestKit.Accounts;

/// <summary>The file descriptors of the process, where the system shows them (Linux), but for assemblies, which the runtime loads and keeps.</summary>
public static class FileDescriptors
{
    private const string Folder = "/proc/self/fd";

    /// <summary>How many there are of each kind: <c>socket</c>, <c>pipe</c>, <c>anon_inode</c>, or a file by its path.</summary>
    public static IReadOnlyDictionary<string, int> Count() => !Directory.Exists(Folder)
        ? new Dictionary<string, int>()
        : Directory.GetFileSystemEntries(Folder).Select(Kind).OfType<string>()
            .Where(kind => Path.GetExtension(kind) is not (".dll" or ".pdb")) // what the runtime loads when it first runs or prints a stack
            .GroupBy(kind => kind).ToDictionary(kind => kind.Key, kind => kind.Count());

    private static string? Kind(string entry)
    {
        try
        {
            string? target = new FileInfo(entry).LinkTarget;
            return target is null || target.StartsWith('/') ? target : target.Split(':')[0];
        }
        catch (IOException)
        {
            return null; // closed meanwhile, as the one that listed them
        }
    }
}
