namespace Libp2p.House.Tests.Architecture;

/// <summary>One type that names another of the same project.</summary>
/// <param name="From">The type that refers, by its name without namespace; of nested types the outermost.</param>
/// <param name="FromFolder">The folder of the file that refers, within the project.</param>
/// <param name="To">The type that is referred to, likewise.</param>
/// <param name="ToFolders">The folders of its files: a partial type may have several.</param>
/// <param name="Place">File and line of the first reference.</param>
internal sealed record SourceReference(string From, string FromFolder, string To, IReadOnlyList<string> ToFolders, string Place)
{
    public override string ToString() => $"{Name(FromFolder)}.{From} refers to {Name(ToFolders[0])}.{To} ({Place})";

    private static string Name(string folder) => folder.Replace('/', '.');
}
