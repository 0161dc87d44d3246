using System.Text.RegularExpressions;
using Libp2p.Analyzers.Tests.Harness;
using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Libp2p.Analyzers.Tests;

/// <summary>Each mistake has a rule, each rule a page, and what a page calls wrong or right is that.</summary>
public sealed partial class PageTests
{
    public static TheoryData<string> Rules => [.. Descriptors.Select(rule => rule.Id)];

    private static IEnumerable<DiagnosticDescriptor> Descriptors => AnalyzerRun.Analyzers.SelectMany(analyzer => analyzer.SupportedDiagnostics);

    [Fact]
    public void Each_mistake_that_the_parser_knows_has_a_rule_of_its_own()
    {
        string[] ids = [.. Enum.GetValues<DeclarationProblemKind>().Select(kind => DeclarationRules.Of(kind).Id)];

        Assert.Equal(ids.Distinct(), ids);
        Assert.Equal(DeclarationRules.All.Length, ids.Length);
    }

    [Fact]
    public void Each_rule_has_an_id_a_category_and_a_page()
    {
        Assert.Equal(Descriptors.DistinctBy(rule => rule.Id), Descriptors);
        Assert.All(Descriptors, rule =>
        {
            Assert.Matches("^P2P[0-9]{4}$", rule.Id);
            Assert.StartsWith("Libp2p.", rule.Category, StringComparison.Ordinal);
            Assert.EndsWith($"/docs/diagnostics/{rule.Id}.md", rule.HelpLinkUri, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void The_index_lists_the_rules_and_their_fixes()
    {
        HashSet<string> fixable = [.. FixRun.Fixes.SelectMany(fix => fix.FixableDiagnosticIds)];
        string[] lines = Page("README").Split('\n');

        Assert.Equal(
            Descriptors.OrderBy(rule => rule.Id, StringComparer.Ordinal).Select(rule =>
                $"| [{rule.Id}]({rule.Id}.md) | {rule.Title} | {rule.DefaultSeverity.ToString().ToLowerInvariant()} | {(fixable.Contains(rule.Id) ? "yes" : "")} |"),
            lines.Where(line => line.StartsWith("| [", StringComparison.Ordinal)));
        Assert.Equal(Descriptors.Count() + 1, Directory.GetFiles(Folder("Pages")).Length);
    }

    [Fact]
    public void The_release_files_list_the_rules()
    {
        string[] lines = [.. Directory.GetFiles(Folder("Releases")).SelectMany(File.ReadAllLines)];

        Assert.Equal(
            Descriptors.OrderBy(rule => rule.Id, StringComparer.Ordinal).Select(rule => $"{rule.Id} | {rule.Category} | {rule.DefaultSeverity} | {rule.Title}"),
            lines.Where(line => line.StartsWith("P2P", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task What_a_page_calls_wrong_is_flagged_once_with_its_rule(string id)
    {
        AnalyzerRun run = await AnalyzerRun.OfAsync(Wrong(id));

        Diagnostic found = Assert.Single(run.Diagnostics);
        Assert.Equal(id, found.Id);
        Assert.DoesNotContain("{", found.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task What_a_page_calls_right_is_not_flagged_and_compiles(string id)
    {
        AnalyzerRun run = await AnalyzerRun.OfAsync(Snippet(id, "Right"));

        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.Errors);
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task A_fix_that_a_page_speaks_of_leaves_code_that_compiles_and_is_not_flagged(string id)
    {
        if (!FixRun.Fixes.Any(fix => fix.FixableDiagnosticIds.Contains(id)))
        {
            Assert.DoesNotContain("## Fix", Page(id), StringComparison.Ordinal);
            return;
        }

        Assert.Contains("## Fix", Page(id), StringComparison.Ordinal);
        if (await FixRun.FirstAsync(id, Snippet(id, "Wrong")) is { } corrected)
        {
            AnalyzerRun run = await AnalyzerRun.OfAsync(corrected);
            Assert.Empty(run.Diagnostics);
            Assert.Empty(run.Errors);
        }
        else
        {
            Assert.Equal("P2P0015", id); // its page shows the case where only the author knows
        }
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_page_has_the_rule_as_its_title(string id)
    {
        DiagnosticDescriptor rule = Descriptors.Single(rule => rule.Id == id);

        Assert.StartsWith($"# {id}: {rule.Title}\n\n", Page(id), StringComparison.Ordinal);
    }

    /// <summary>What the page calls wrong, in the project that it calls so.</summary>
    private static CSharpCompilation Wrong(string id)
    {
        Match version = LangVersion().Match(Page(id)), alias = Aliases().Match(Page(id));
        return Sources.Compile(
            Snippet(id, "Wrong"),
            version.Success && LanguageVersionFacts.TryParse(version.Groups[1].Value, out LanguageVersion read) ? read : Sources.Parsing.LanguageVersion,
            alias.Success ? alias.Groups[1].Value : null);
    }

    private static string Snippet(string id, string heading)
    {
        Match match = Code().Match(Page(id), Page(id).IndexOf($"## {heading}\n", StringComparison.Ordinal));
        return match.Groups["code"].Value;
    }

    private static string Page(string name) => File.ReadAllText(Path.Combine(Folder("Pages"), name + ".md")).ReplaceLineEndings("\n");

    private static string Folder(string name) => Path.Combine(AppContext.BaseDirectory, name);

    [GeneratedRegex("<LangVersion>(.*)</LangVersion>")]
    private static partial Regex LangVersion();

    [GeneratedRegex("Aliases=\"(.*?)\"")]
    private static partial Regex Aliases();

    [GeneratedRegex("^```cs(harp)?\n(?<code>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Code();
}
