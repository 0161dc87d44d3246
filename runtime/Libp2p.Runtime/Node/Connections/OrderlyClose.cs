using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Muxers;
using Microsoft.Extensions.Logging;

namespace Libp2p.Node.Connections;

/// <summary>How the node leaves a connection: in order while the remote takes part, without it when its time is over. Nothing here throws.</summary>
internal static class OrderlyClose
{
    /// <summary>Closes with the reason's code, and breaks off when patience is over or the muxer fails.</summary>
    public static async Task RunAsync(IMuxedConnection connection, EndReason reason, CancellationToken patience)
    {
        try
        {
            await connection.CloseAsync(reason, patience);
        }
        catch (Exception e) // muxers and transports are anybody's
        {
            connection.Abort(reason with { Cause = e });
        }
    }

    /// <summary>
    /// Turns away a connection that is not one of the node's. Its lease is given back when nothing of it runs any more: until then
    /// what the remote sends is counted on it.
    /// </summary>
    public static async Task RefuseAsync(UpgradedConnection connection, ConnectionLease lease, EndReason refusal, NodeParts node, ILogger log)
    {
        using CancellationTokenSource patience = new(node.Options.CloseTimeout, node.Seams.Time);
        await RunAsync(connection.Muxed, refusal, patience.Token);
        await DisposeAsync(connection, log);
        lease.Dispose();
    }

    /// <summary>Waits until nothing of the connection runs.</summary>
    public static async Task DisposeAsync(UpgradedConnection connection, ILogger log)
    {
        try
        {
            await connection.DisposeAsync();
        }
        catch (Exception e) // muxers and transports are anybody's
        {
            NodeLog.EndFailed(log, $"the connection with {connection.Security.RemotePeer}", e);
        }
    }
}
