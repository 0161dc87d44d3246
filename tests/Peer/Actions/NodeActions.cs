using System.Text.Json.Nodes;

namespace Libp2p.Peer.Actions;

/// <summary>Questions to the node itself.</summary>
internal static class NodeActions
{
    public static Task<JsonObject> AddressesAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken) =>
        Task.FromResult(new JsonObject { ["peerId"] = node.Node.PeerId.ToString(), ["addrs"] = JsonLines.ToNode(node.Addresses) });

    public static Task<JsonObject> ProtocolsAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken) =>
        Task.FromResult(new JsonObject { ["protocols"] = JsonLines.ToNode(node.Protocols) });

    public static Task<JsonObject> StateAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken) =>
        Task.FromResult(new JsonObject { ["state"] = node.Node.GetState().ToString() });

    public static async Task<JsonObject> SleepAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken)
    {
        await Task.Delay(arguments.Int("ms", 1000), cancellationToken);
        return [];
    }

    /// <summary>Bytes, after a collection that returns what it can to the system.</summary>
    public static Task<JsonObject> MemoryAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken)
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GCMemoryInfo info = GC.GetGCMemoryInfo();
        return Task.FromResult(new JsonObject
        {
            ["rss"] = Environment.WorkingSet,
            ["heapUsed"] = GC.GetTotalMemory(forceFullCollection: false),
            ["heapTotal"] = info.TotalCommittedBytes,
            ["gc"] = true,
        });
    }
}
