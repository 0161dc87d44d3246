using System.Xml.Linq;
using Libp2p.TestKit;

namespace Libp2p.House.Tests.Architecture;

/// <summary>A project is a dependency boundary: which projects refer to which, and which see another's internals.</summary>
public sealed class ProjectTests
{
    // A project's direct references; what travels as an analyzer does not count. Each shipped project has a row.
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["Libp2p.Abstractions"] = [],
        ["Libp2p.Runtime"] = ["Libp2p.Abstractions"],
        ["Libp2p.Hosting"] = ["Libp2p.Runtime"],
        ["Libp2p.Generators"] = [],
        ["Libp2p.Analyzers"] = ["Libp2p.Generators"],
        ["Libp2p.CodeFixes"] = ["Libp2p.Analyzers", "Libp2p.Generators"],
        ["Libp2p.Bitswap"] = ["Libp2p.Abstractions"],
        ["Libp2p.Kademlia"] = ["Libp2p.Abstractions"],
        ["Libp2p.Protocols"] = ["Libp2p.Abstractions"],
        ["Libp2p.PubSub"] = ["Libp2p.Abstractions"],
        ["Libp2p.TestKit"] = ["Libp2p.Runtime"],
        ["Libp2p.Simulation"] = ["Libp2p.TestKit"],
    };

    // The tests of a project see its internals. Others need a reason.
    private static readonly HashSet<(string Of, string Seen)> s_friends =
    [
        ("Libp2p.Runtime", "Libp2p.Benchmarks"),       // measures parts of the engine alone
        ("Libp2p.Generators", "Libp2p.Analyzers"),     // generator, analyzers and fixes share one parser
        ("Libp2p.Generators", "Libp2p.Analyzers.Tests"),
        ("Libp2p.Generators", "Libp2p.CodeFixes"),
        ("Libp2p.Analyzers", "Libp2p.CodeFixes"),
        ("Libp2p.CodeFixes", "Libp2p.Analyzers.Tests"),
        ("Libp2p.TestKit", "Libp2p.Simulation"),       // moves the manual clock by a queue
        ("Libp2p.TestKit", "Libp2p.Simulation.Tests"),
    ];

    public static TheoryData<string> Shipped => [.. new[] { "runtime", "protocols", "generators", "analyzers" }
        .SelectMany(folder => Directory.EnumerateFiles(Repository.At(folder), "*.csproj", SearchOption.AllDirectories))
        .Concat([Repository.At("tests/Libp2p.TestKit/Libp2p.TestKit.csproj"), Repository.At("tests/Libp2p.Simulation/Libp2p.Simulation.csproj")])
        .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
        .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void A_project_refers_only_to_those_below_it(string project)
    {
        string name = Path.GetFileNameWithoutExtension(project);
        string[] referred = [.. Items(project, "ProjectReference")
            .Where(item => item.Attribute("ReferenceOutputAssembly")?.Value != "false")
            .Select(item => Path.GetFileNameWithoutExtension(item.Attribute("Include")!.Value.Replace('\\', '/')))];

        Assert.True(s_allowed.TryGetValue(name, out string[]? allowed), $"{name} has no row: say what it may refer to.");
        Assert.Empty(referred.Except(allowed).Select(to => $"{name} refers to {to}"));
    }

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Internals_are_seen_by_a_projects_own_tests_and_by_named_friends(string project)
    {
        string name = Path.GetFileNameWithoutExtension(project);
        string[] seen = [.. Items(project, "InternalsVisibleTo").Select(item => item.Attribute("Include")!.Value)];

        Assert.Empty(seen.Where(by => by != name + ".Tests" && !s_friends.Contains((name, by))).Select(by => $"{by} sees the internals of {name}"));
    }

    private static IEnumerable<XElement> Items(string project, string kind) => XDocument.Load(Repository.At(project)).Descendants(kind);
}
