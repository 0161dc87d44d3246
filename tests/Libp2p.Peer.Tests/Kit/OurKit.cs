using System.Text;
using System.Text.Json.Nodes;
using Libp2p.Peer.Kit;

namespace Libp2p.Peer.Tests.Kit;

/// <summary>The kit in this process: lines in, lines out.</summary>
internal static class OurKit
{
    public static async Task<JsonObject> AskAsync(string request) => Assert.Single(await AskAllAsync(Encoding.UTF8.GetBytes(request)));

    public static async Task<JsonObject[]> AskAllAsync(byte[] input)
    {
        using MemoryStream requests = new(input);
        using MemoryStream answers = new();
        Assert.Equal(0, await KitCommand.RunAsync(requests, answers));
        string text = Encoding.UTF8.GetString(answers.ToArray());
        Assert.True(text.Length == 0 || text.EndsWith('\n'));
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];
    }
}
