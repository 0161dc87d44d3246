using Libp2p.Limits;
using Libp2p.Muxers;
using Libp2p.Muxers.Yamux;
using Libp2p.Negotiation;
using Libp2p.Node.State;
using Libp2p.Simulation;
using Libp2p.TestKit;
using Libp2p.TestKit.Accounts;
using Libp2p.Tests.Host;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Faults;

/// <summary>Authenticated peers that take and do not give: what they can hold is bounded, and ends with them.</summary>
public sealed class IdlePeerTests
{
    private static readonly ResourceLimits s_limits = new() { NegotiatingPerConnection = 8 };

    private static readonly BytesHandler s_flood = new("/flood", static async (stream, token) =>
    {
        byte[] piece = new byte[16 * Size.KiB];
        while (!(await stream.Output.WriteAsync(piece, token)).IsCompleted)
        {
        }
    });

    [Fact]
    public void Streams_on_which_nothing_is_said_are_few_and_end_at_the_deadline() => Play(async (run, node, peer) =>
    {
        TimeSpan started = run.Time.Elapsed;
        Task[] ends = [.. Enumerable.Range(0, 20).Select(_ => OpenAndWaitAsync(peer.Session!))];
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);

        Assert.Equal(s_limits.NegotiatingPerConnection, node.GetState().Usage.InboundStreams);
        Assert.Equal(21 - s_limits.NegotiatingPerConnection, ends.Count(end => end.IsCompleted)); // refused at once; the peer has one more

        await Task.WhenAll(ends);
        Assert.Equal(TimeSpan.FromSeconds(10), run.Time.Elapsed - started);
        Assert.Equal(0, node.GetState().Usage.InboundStreams);
        Assert.Single(node.Connections);
    });

    [Fact]
    public void A_peer_that_reads_nothing_is_sent_its_window_and_we_hold_one_queue() => Play(async (run, node, peer) =>
    {
        IMuxedStream stream = await peer.Session!.OpenStreamAsync(CancellationToken.None);
        await MultistreamSelect.InitiateAsync(stream, ["/flood"], CancellationToken.None);
        await Task.Delay(TimeSpan.FromSeconds(100), run.Time); // it answers pings: nothing is wrong with the connection

        StreamState state = Assert.Single(Assert.Single(node.GetState().Connections).Streams, stream => stream.Protocol is not null);
        Assert.Equal(0, state.SendWindow);
        Assert.Contains(StreamWait.RemoteWindow, state.WaitsFor);
        Assert.InRange(state.Queued, 1, YamuxOptions.Default.SendQueue + (16 * Size.KiB));
        Assert.InRange(state.Sent, 1, YamuxOptions.ProtocolWindow + state.Queued);
    });

    [Fact]
    public void A_node_whose_peer_reads_nothing_closes_within_its_time() => Play(async (run, node, peer) =>
    {
        IMuxedStream stream = await peer.Session!.OpenStreamAsync(CancellationToken.None);
        await MultistreamSelect.InitiateAsync(stream, ["/flood"], CancellationToken.None);
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);
        TimeSpan started = run.Time.Elapsed;

        await node.DisposeAsync();

        Assert.InRange(run.Time.Elapsed - started, TimeSpan.Zero, new NodeOptions().CloseTimeout);
    });

    private static void Play(Func<SimulationRun, Libp2pNode, RawPeer, Task> act) => SimulationRun.Replay(5, async run =>
    {
        MemoryNetwork network = new();
        CountingTime time = new(run.Time);
        await using Libp2pNode node = await SimulatedNodesTests.StartAsync(
            run, "node", network, node => node.Listen("/memory/1").Handle(s_flood).Time(time).Options(new NodeOptions { Limits = s_limits }));
        Ledger ledger = new(node) { Time = time };
        LedgerBalance baseline = ledger.Read();

        RawPeer peer = await RawPeer.ReachAsync(run, network, Layer.Stream);
        await act(run, node, peer);
        await peer.DisposeAsync();
        await Task.Delay(TimeSpan.FromSeconds(20), run.Time);
        ledger.MustBeAt(baseline);
    });

    /// <summary>Opens a stream, says nothing on it, and waits for its end.</summary>
    private static async Task OpenAndWaitAsync(IMuxedConnection session)
    {
        IMuxedStream stream = await session.OpenStreamAsync(CancellationToken.None);
        try
        {
            await stream.Output.FlushAsync();
            await stream.Input.ReadToEndAsync(); // the node's greeting, and then nothing
        }
        catch (StreamResetException)
        {
            // Refused, or out of time.
        }

        await stream.DisposeAsync();
    }
}
