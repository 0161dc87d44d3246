using System.Text.RegularExpressions;
using Libp2p.TestKit;

namespace Libp2p.House.Tests.Architecture;

/// <summary>
/// The allowed directions between the folders of Libp2p.Runtime, as docs/architecture.md has them: each row names a folder, with all
/// below it, and the folders that it may refer to. <c>A/*</c> stands for each folder directly in A, each by itself.
/// </summary>
internal sealed partial class DirectionTable
{
    private readonly Dictionary<string, string[]> _rows = [];

    private DirectionTable()
    {
    }

    /// <summary>The folders that have a row.</summary>
    public IEnumerable<string> Rows => _rows.Keys;

    /// <summary>Reads the table under the heading "Allowed directions".</summary>
    public static DirectionTable Read()
    {
        string page = Repository.Read("docs/architecture.md");
        int start = page.IndexOf("## Allowed directions", StringComparison.Ordinal);
        Assert.True(start >= 0, "docs/architecture.md has no section \"Allowed directions\".");
        DirectionTable table = new();
        int end = page.IndexOf("\n## ", start + 3, StringComparison.Ordinal);
        foreach (Match row in Row().Matches(page[start..(end < 0 ? page.Length : end)]))
        {
            string[] allowed = [.. Folder().Matches(row.Groups["allowed"].Value).Select(match => match.Groups["folder"].Value)];
            foreach (Match folder in Folder().Matches(row.Groups["folders"].Value))
            {
                table._rows.Add(folder.Groups["folder"].Value, allowed);
            }
        }

        return table;
    }

    /// <summary>Whether the folder has a row.</summary>
    public bool Knows(string folder) => RowOf(folder) is not null;

    /// <summary>Whether code in one folder may refer to a type in another.</summary>
    public bool Allows(string from, string to) =>
        RowOf(from) is { } row && (UnitOf(from) == UnitOf(to) || _rows[row].Any(allowed => IsUnder(to, allowed) && (allowed.EndsWith("/*", StringComparison.Ordinal) || RowOf(to) == allowed)));

    /// <summary>The row with the longest name that covers the folder.</summary>
    private string? RowOf(string folder) => _rows.Keys.Where(row => IsUnder(folder, row)).MaxBy(row => row.Length);

    /// <summary>What may refer to itself freely: a row, or one of the folders that a row with a star stands for.</summary>
    private string? UnitOf(string folder) => RowOf(folder) switch
    {
        { } row when row.EndsWith("/*", StringComparison.Ordinal) => string.Join('/', folder.Split('/').Take(row.Split('/').Length)),
        var row => row,
    };

    private static bool IsUnder(string folder, string row) => row.EndsWith("/*", StringComparison.Ordinal)
        ? folder.StartsWith(row[..^1], StringComparison.Ordinal)
        : folder == row || folder.StartsWith(row + "/", StringComparison.Ordinal);

    [GeneratedRegex(@"^\| (?<folders>`[^|]*) \| (?<allowed>[^|]*) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`(?<folder>[^`]+)`")]
    private static partial Regex Folder();
}
