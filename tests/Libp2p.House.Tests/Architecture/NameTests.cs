extern alias protocols;

using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Libp2p.TestKit;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Libp2p.House.Tests.Architecture;

/// <summary>A name means one thing in all shipped libraries, and a namespace says in which folder a type is found.</summary>
public sealed class NameTests
{
    // The extension methods of the Generic Host are found where its users look for them.
    private const string HostNamespace = "Microsoft.Extensions.DependencyInjection";

    private static readonly string[] s_assemblies =
    [
        typeof(PeerId).Assembly.Location,
        typeof(Libp2pNode).Assembly.Location,
        typeof(Hosting.Libp2pHost).Assembly.Location,
        typeof(protocols::Libp2p.Bitswap.IBitswap).Assembly.Location,
        typeof(protocols::Libp2p.Kademlia.IKad).Assembly.Location,
        typeof(protocols::Libp2p.Protocols.Ping.IPing).Assembly.Location,
        typeof(protocols::Libp2p.PubSub.IFloodsub).Assembly.Location,
    ];

    public static TheoryData<string> Projects => [.. new[] { "runtime", "protocols" }
        .SelectMany(folder => Directory.EnumerateFiles(Repository.At(folder), "*.csproj", SearchOption.AllDirectories))
        .Select(file => Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(file)!).Replace('\\', '/'))];

    [Fact]
    public void No_two_types_share_a_name_unless_they_differ_in_arity()
    {
        IGrouping<string, (string Name, string FullName)>[] shared =
            [.. s_assemblies.SelectMany(TopLevelTypes).GroupBy(type => type.Name, StringComparer.Ordinal).Where(group => group.Count() > 1)];
        string[] offences =
        [
            .. shared.Where(group => !KnownExceptions.SharedNames.Contains(group.Key))
                .Select(group => string.Join(" and ", group.Select(type => type.FullName).Order(StringComparer.Ordinal))),
            .. KnownExceptions.SharedNames.Except(shared.Select(group => group.Key)).Select(name => $"{name} is no longer shared: remove the exception"),
        ];

        Assert.True(offences.Length == 0, $"Types that share a simple name:\n  {string.Join("\n  ", offences)}");
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_namespace_is_the_folders_or_one_above_it(string project)
    {
        ProjectSources sources = new(project);
        string root = Path.GetFileName(project) is "Libp2p.Abstractions" or "Libp2p.Runtime" ? "Libp2p" : Path.GetFileName(project);
        string[] misplaced = [.. sources.Files
            .Select(file => (File: file, Namespace: sources.Parse(file).GetRoot().DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault()?.Name.ToString()))
            .Where(found => found.Namespace is not (null or HostNamespace))
            .Where(found => !$"{root}.{found.File.Replace('/', '.')}".StartsWith(found.Namespace + ".", StringComparison.Ordinal))
            .Select(found => $"{project}/{found.File} is in {found.Namespace}")];

        Assert.Empty(misplaced);
    }

    private static IEnumerable<(string Name, string FullName)> TopLevelTypes(string assembly)
    {
        using PEReader file = new(File.OpenRead(assembly));
        MetadataReader metadata = file.GetMetadataReader();
        foreach (TypeDefinition type in metadata.TypeDefinitions.Select(metadata.GetTypeDefinition).Where(type => !type.IsNested))
        {
            string name = metadata.GetString(type.Name); // a generic type's ends in its arity
            string space = metadata.GetString(type.Namespace);
            bool isCompilers = name.StartsWith('<') || space.StartsWith("System", StringComparison.Ordinal) || space.StartsWith("Microsoft", StringComparison.Ordinal);
            if (!isCompilers)
            {
                yield return (name, $"{space}.{name} ({Path.GetFileNameWithoutExtension(assembly)})");
            }
        }
    }
}
