using System.Net.Sockets;
using System.Reflection;
using System.Text.RegularExpressions;
using Libp2p.TestKit;

namespace Libp2p.House.Tests;

/// <summary>docs/errors.md lists every public exception and every code, and nothing that does not exist.</summary>
public sealed partial class ErrorPageTests
{
    private static readonly string s_page = File.ReadAllText(Repository.At("docs/errors.md"));

    private static readonly string[] s_words = [.. Word().Matches(s_page).Select(match => match.Groups["word"].Value).Distinct()];

    private static readonly string[] s_exceptions =
    [
        .. PublicApiTests.Libraries.Select(library => Assembly.LoadFrom((string)library[1]))
            .SelectMany(library => library.GetExportedTypes())
            .Where(type => type.IsAssignableTo(typeof(Exception)))
            .Select(type => type.Name),
    ];

    private static readonly string[] s_codes =
        [.. typeof(ErrorCode).GetFields(BindingFlags.Static | BindingFlags.Public).Where(field => field.FieldType == typeof(ErrorCode)).Select(field => field.Name)];

    [Fact]
    public void Every_public_exception_is_on_the_page() => Assert.Empty(s_exceptions.Except(s_words));

    [Fact]
    public void Every_code_is_on_the_page_with_a_row_of_its_own() =>
        Assert.All(s_codes, code => Assert.Contains($"\n| `{code}` | ", s_page, StringComparison.Ordinal));

    [Fact]
    public void Every_exception_on_the_page_exists() => Assert.All(
        s_words.Where(word => word.EndsWith("Exception", StringComparison.Ordinal)),
        word => Assert.True(
            s_exceptions.Contains(word) || typeof(object).Assembly.GetType($"System.{word}") is not null
                || typeof(TaskCanceledException).Assembly.GetType($"System.Threading.Tasks.{word}") is not null || word == nameof(SocketException),
            $"{word} does not exist"));

    [Fact]
    public void Every_code_on_the_page_exists()
    {
        string codes = s_page[s_page.IndexOf("### Codes", StringComparison.Ordinal)..s_page.IndexOf("## A dial", StringComparison.Ordinal)];
        Assert.Empty(CodeRow().Matches(codes).Select(match => match.Groups["word"].Value).Except(s_codes));
    }

    [GeneratedRegex("`(?<word>[A-Za-z0-9]+)`")]
    private static partial Regex Word();

    [GeneratedRegex("^\\| `(?<word>[A-Za-z]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex CodeRow();
}
