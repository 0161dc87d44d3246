using System.Text.Json.Nodes;
using Libp2p.Connections;
using Libp2p.Security;
using Libp2p.Transports;

namespace Libp2p.Peer.Actions;

/// <summary>Connections made, ended, and listed.</summary>
internal static class ConnectionActions
{
    public static async Task<JsonObject> DialAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken)
    {
        TimeProvider time = TimeProvider.System;
        long start = time.GetTimestamp();
        JsonObject result = PeerNode.Describe(await ConnectAsync(node, arguments, cancellationToken));
        result["ms"] = time.GetElapsedTime(start).TotalMilliseconds;
        return result;
    }

    public static async Task<JsonObject> HangUpAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken)
    {
        PeerId peer = arguments.Peer;
        foreach (IPeerConnection connection in node.Connections.Where(connection => connection.RemotePeer == peer))
        {
            await connection.CloseAsync(cancellationToken);
        }

        return [];
    }

    public static Task<JsonObject> ListAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken) =>
        Task.FromResult(new JsonObject { ["connections"] = JsonLines.ToNode(node.Connections.Select(PeerNode.Describe)) });

    /// <summary>An open connection, or a new one; always a new one where that is said.</summary>
    public static async ValueTask<IPeerConnection> ConnectAsync(
        PeerNode node, Arguments arguments, CancellationToken cancellationToken, bool forceNew = false)
    {
        PeerId peer = arguments.Peer;
        Libp2pNode dialer = await node.DialerOfAsync(peer);
        return await dialer.ConnectAsync(
            new DialRequest
            {
                ExpectedPeer = ExpectedPeer.Exactly(peer),
                Addresses = arguments.Addresses,
                ForceNew = forceNew || arguments.Flag("force"),
                Timeout = arguments.Patience,
            },
            cancellationToken);
    }
}
