using System.Diagnostics;
using System.Text.Json.Nodes;
using Libp2p.Connections;
using Libp2p.Peer.Bench;
using Libp2p.Protocols.Perf;
using Libp2p.Protocols.Ping;
using Libp2p.Scheduling;

namespace Libp2p.Peer.Actions;

/// <summary>The benchmarks of the contract.</summary>
internal static class BenchActions
{
    private static readonly PerfRequest s_oneByteEachWay = new() { Upload = 1, Download = 1 };

    /// <summary>A byte up and a byte down on a new perf stream each time, over one connection.</summary>
    public static async Task<JsonObject> RequestsAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken)
    {
        IPeerConnection connection = await ConnectionActions.ConnectAsync(node, arguments, cancellationToken);
        IPerf perf = connection.Client(PeerProtocols.Perf);
        return await MeasureAsync(arguments, async () => await perf.RunAsync(s_oneByteEachWay, cancellationToken));
    }

    /// <summary>A ping on a new stream each time.</summary>
    public static async Task<JsonObject> PingsAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken)
    {
        IPing ping = (await ConnectionActions.ConnectAsync(node, arguments, cancellationToken)).Client(PeerProtocols.Ping);
        return await MeasureAsync(arguments, () => PingAsync(ping, cancellationToken));
    }

    /// <summary>A new connection, a ping, the close.</summary>
    public static Task<JsonObject> HandshakesAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken) =>
        MeasureAsync(arguments, async () =>
        {
            IPeerConnection connection = await ConnectionActions.ConnectAsync(node, arguments, cancellationToken, forceNew: true);
            await PingAsync(connection.Client(PeerProtocols.Ping), cancellationToken);
            await connection.CloseAsync(cancellationToken);
        });

    /// <summary>Opens so many connections, one after the other, and keeps them.</summary>
    public static async Task<JsonObject> IdleAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < arguments.Int("count", 1000); i++)
        {
            await ConnectionActions.ConnectAsync(node, arguments, cancellationToken, forceNew: true);
        }

        return new JsonObject { ["connections"] = node.Connections.Count, ["ms"] = Stopwatch.GetElapsedTime(start).TotalMilliseconds };
    }

    private static Task<JsonObject> MeasureAsync(Arguments arguments, Func<Task> job) =>
        Samples.WarmAndRunAsync(arguments.Number("seconds", 5), Math.Max(1, arguments.Int("parallel", 1)), job);

    private static async Task PingAsync(IPing ping, CancellationToken cancellationToken) =>
        await ping.PingAsync(CryptoRandomSource.Instance, TimeProvider.System, cancellationToken);
}
