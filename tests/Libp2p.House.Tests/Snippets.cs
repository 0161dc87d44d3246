using System.Text.RegularExpressions;
using Libp2p.TestKit;

namespace Libp2p.House.Tests;

/// <summary>The blocks of a Markdown page that are fenced <c>csharp</c>. What is fenced <c>cs</c> is a fragment.</summary>
internal static partial class Snippets
{
    public static IReadOnlyList<string> Of(string page) =>
        [.. Fence().Matches(Repository.Read(page)).Select(match => match.Groups["code"].Value)];

    [GeneratedRegex("^```csharp\n(?<code>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();
}
