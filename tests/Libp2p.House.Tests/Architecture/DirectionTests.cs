using Microsoft.CodeAnalysis;

namespace Libp2p.House.Tests.Architecture;

/// <summary>A lower layer never sees a higher one, and siblings are blind to each other (docs/architecture.md, "Allowed directions").</summary>
public sealed class DirectionTests
{
    private static readonly DirectionTable s_table = DirectionTable.Read();
    private static readonly ProjectSources s_runtime = new("runtime/Libp2p.Runtime");

    [Fact]
    public void Each_type_of_the_runtime_refers_only_to_what_its_folder_may_refer_to()
    {
        IReadOnlyList<SourceReference> references = s_runtime.References();
        string[] offences = [.. references
            .Where(reference => !reference.ToFolders.Any(to => s_table.Allows(reference.FromFolder, to)))
            .Select(reference => reference.ToString()).Order(StringComparer.Ordinal)];

        Assert.True(references.Count > 200, "The sources were not bound: hardly a type refers to another.");
        Assert.True(offences.Length == 0, $"References against the allowed directions of docs/architecture.md:\n  {string.Join("\n  ", offences)}");
    }

    [Fact]
    public void Each_folder_of_the_runtime_has_a_row_and_each_row_a_folder()
    {
        string[] folders = [.. s_runtime.Folders];
        string[] orphans =
        [
            .. folders.Where(folder => !s_table.Knows(folder)).Select(folder => $"{folder} has no row"),
            .. s_table.Rows.Where(row => !folders.Any(folder => (folder + "/").StartsWith(row.TrimEnd('*').TrimEnd('/') + "/", StringComparison.Ordinal)))
                .Select(row => $"{row} is no folder"),
        ];

        Assert.Empty(orphans);
    }

    [Theory]
    [InlineData("Transports/Tcp", "Transports/Memory", false)]
    [InlineData("Transports/Tcp", "Transports/Tcp", true)]
    [InlineData("Security/Noise", "Security/Plaintext", false)]
    [InlineData("Security/Noise", "Security", true)]
    [InlineData("Security", "Security/Noise", false)]
    [InlineData("Muxers/Yamux/Frames", "Muxers/Yamux/Session", true)]
    [InlineData("Connections", "Transports/Tcp", false)]
    [InlineData("Limits", "Node", false)]
    [InlineData("Node/Streams", "Node/Connections", false)]
    [InlineData("Node/Connections", "Node/Streams", true)]
    [InlineData("Node/Connections", "Node/Dialing", false)]
    [InlineData("Node/Dialing", "Node/Listening", false)]
    [InlineData("Node/State", "Node/Dialing", false)]
    [InlineData("Node/Dialing", "Node/State", true)]
    [InlineData("Node", "Transports/Tcp", true)]
    public void The_table_means_what_it_says(string from, string to, bool isAllowed) => Assert.Equal(isAllowed, s_table.Allows(from, to));

    [Fact]
    public void Sources_bind_but_for_what_generators_add()
    {
        string[] unbound = [.. s_runtime.Compile().GetDiagnostics()
            .Where(diagnostic => diagnostic.Id is "CS0246" or "CS0234" or "CS0103")
            .Select(diagnostic => diagnostic.ToString())];

        Assert.Empty(unbound);
    }
}
