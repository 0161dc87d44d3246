using System.Text.RegularExpressions;
using Libp2p.TestKit;

namespace Libp2p.House.Tests;

/// <summary>What docs/declarations.md says of the requirements: each but two has tests of its number.</summary>
public sealed partial class RequirementTests
{
    private static readonly int[] s_waiting = [17, 18];

    [Fact]
    public void Each_requirement_has_a_test_of_its_number()
    {
        string page = Repository.Read("docs/declarations.md");
        int[] listed = [.. Row().Matches(page[page.IndexOf("| # | requirement |", StringComparison.Ordinal)..]).Select(Number)];
        IEnumerable<int> tested = Directory.EnumerateFiles(Repository.At("tests"), "*.cs", SearchOption.AllDirectories)
            .Where(static path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(static path => Test().Matches(File.ReadAllText(path)))
            .Select(Number);

        Assert.Equal(Enumerable.Range(1, 23), listed);
        Assert.Equal(listed.Except(s_waiting), tested.Distinct().Order());
    }

    private static int Number(Match match) => int.Parse(match.Groups["number"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A test of a number, which its name carries too.</summary>
    [GeneratedRegex("""\[(Fact|Theory), Trait\("Requirement", "(?<number>\d+)"\)\](\s*\[InlineData.*)*\s*public (async Task|void) Requirement_\k<number>_""")]
    private static partial Regex Test();

    [GeneratedRegex(@"^\| (?<number>\d+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
