using Libp2p.Connections;
using Libp2p.Simulation;
using Libp2p.TestKit;
using Libp2p.TestKit.Scheduling;
using Libp2p.TestKit.Telemetry;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Host;

/// <summary>Bounds on the streams of one operation and peer, met exactly and exceeded by one.</summary>
public sealed class StreamLimitTests
{
    private const string Slow = "/bytes/slow";

    [Theory]
    [InlineData(WhenFull.Default)]
    [InlineData(WhenFull.Refuse)]
    public async Task One_stream_more_than_may_be_is_reset(WhenFull whenFull)
    {
        Holding handler = new(new OperationLimits { InboundPerPeer = 2, WhenFull = whenFull });
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(handler), Asking);
        P2PStream[] streams = [await OpenAsync(nodes), await OpenAsync(nodes)];
        await handler.ServesAsync(2);

        P2PStream third = await nodes.OpenAsync(Slow);
        StreamResetException refused = await Assert.ThrowsAsync<StreamResetException>(() => third.Input.ReadToEndAsync().WaitAsync(NodePair.Patience));

        Assert.Equal((EndedBy.Remote, ErrorCode.ResourceLimitExceeded), (refused.Reason.By, refused.Reason.Code));
        Assert.All(streams, stream => Assert.Null(stream.End));
        await EndAsync([.. streams, third]);
        await handler.ServesAsync(0);
        await EndAsync(await OpenAsync(nodes)); // the places are free again
    }

    [Fact]
    public async Task One_stream_more_than_may_be_waits_for_a_place()
    {
        Holding handler = new(new OperationLimits { InboundPerPeer = 2, WhenFull = WhenFull.Wait });
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(handler), Asking);
        P2PStream first = await OpenAsync(nodes);
        P2PStream second = await OpenAsync(nodes);
        await handler.ServesAsync(2);

        P2PStream third = await nodes.OpenAsync(Slow);
        Task<byte[]> served = third.Input.ReadExactlyAsync(1);
        Assert.False(served.IsCompleted);
        await EndAsync(first);

        Assert.Equal([1], await served.WaitAsync(NodePair.Patience));
        await handler.ServesAsync(2);
        await EndAsync(second, third);
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(300, false)]
    public void One_stream_more_than_may_be_is_served_when_another_ends_a_moment_later(int milliseconds, bool isServed) => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        Holding handler = new(new OperationLimits { InboundPerPeer = 1 });
        await using Libp2pNode bob = await SimulatedNodesTests.StartAsync(run, "bob", network, node => node.Listen("/memory/1").Handle(handler));
        await using Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", network, Asking);
        NodePair nodes = new(bob, alice, await alice.ConnectAsync(bob.Addresses[0]));
        P2PStream first = await OpenAsync(nodes);
        P2PStream second = await nodes.OpenAsync(Slow);
        Task<byte[]> served = second.Input.ReadExactlyAsync(1);

        await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), run.Time);
        Assert.Equal(!isServed, served.IsFaulted);
        await first.DisposeAsync();

        Assert.Equal(isServed ? null : typeof(StreamResetException), (await Record.ExceptionAsync(() => served))?.GetType());
        await second.DisposeAsync();
    });

    [Fact]
    public async Task Waiting_for_a_place_has_the_exchanges_time()
    {
        Holding handler = new(new OperationLimits { InboundPerPeer = 1, WhenFull = WhenFull.Wait, Exchange = TimeSpan.FromMilliseconds(50) });
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(handler), Asking);
        P2PStream first = await OpenAsync(nodes);

        P2PStream second = await nodes.OpenAsync(Slow);
        StreamResetException late = await Assert.ThrowsAsync<StreamResetException>(() => second.Input.ReadToEndAsync().WaitAsync(NodePair.Patience));

        Assert.Equal(ErrorCode.ResourceLimitExceeded, late.Reason.Code);
        await EndAsync(first, second);
    }

    [Fact]
    public async Task Whoever_gives_up_waiting_leaves_nothing_behind()
    {
        Holding handler = new(new OperationLimits { InboundPerPeer = 1, WhenFull = WhenFull.Wait });
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(handler), Asking);
        P2PStream first = await OpenAsync(nodes);
        for (int i = 0; i < 200; i++) // more than may wait at once
        {
            P2PStream impatient = await nodes.OpenAsync(Slow);
            impatient.Reset();
            await impatient.DisposeAsync();
        }

        P2PStream last = await nodes.OpenAsync(Slow);
        await EndAsync(first);
        Assert.Equal([1], await last.Input.ReadExactlyAsync(1).WaitAsync(NodePair.Patience));
        await EndAsync(last);
        await handler.ServesAsync(0);
        await Eventually.HoldsAsync(() => nodes.Listener.GetState().Usage.InboundStreams == 0);
    }

    [Fact]
    public async Task The_oldest_stream_makes_room()
    {
        Holding handler = new(new OperationLimits { InboundPerPeer = 2, WhenFull = WhenFull.ReplaceOldest });
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(handler), Asking);
        P2PStream first = await OpenAsync(nodes);
        P2PStream second = await OpenAsync(nodes);

        P2PStream third = await OpenAsync(nodes);
        StreamResetException replaced = await Assert.ThrowsAsync<StreamResetException>(() => first.Input.ReadToEndAsync().WaitAsync(NodePair.Patience));

        Assert.Equal((EndedBy.Remote, ErrorCode.Supplanted), (replaced.Reason.By, replaced.Reason.Code));
        await handler.ServesAsync(2);
        Assert.Null(second.End);
        P2PStream fourth = await OpenAsync(nodes);
        await Assert.ThrowsAsync<StreamResetException>(() => second.Input.ReadToEndAsync().WaitAsync(NodePair.Patience));
        await EndAsync(first, second, third, fourth);
        await handler.ServesAsync(0);
    }

    [Fact]
    public async Task A_stream_that_is_idle_between_exchanges_makes_room_before_an_older_one_that_is_not()
    {
        TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Protocol<IAsk> protocol = IAsk.Reused(new OperationLimits { InboundPerPeer = 2, WhenFull = WhenFull.ReplaceOldest });
        using MeterProbe probe = new();
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Metrics(probe).Handle(protocol, new Asked(release.Task)), Asking);
        P2PStream busy = await nodes.OpenAsync("/ask/1.0.0");
        await busy.Output.WriteAsync("\u0004busy"u8.ToArray());
        P2PStream idle = await nodes.OpenAsync("/ask/1.0.0");
        await idle.Output.WriteAsync("\u0002hi"u8.ToArray());
        Assert.Equal("\u0002hi"u8.ToArray(), await idle.Input.ReadExactlyAsync(3).WaitAsync(NodePair.Patience));
        await Eventually.HoldsAsync(() => probe.Count("libp2p.call.duration") == 1); // the answer is here before the exchange is over there

        P2PStream third = await nodes.OpenAsync("/ask/1.0.0");
        StreamResetException replaced = await Assert.ThrowsAsync<StreamResetException>(() => idle.Input.ReadToEndAsync().WaitAsync(NodePair.Patience));

        Assert.Equal(ErrorCode.Supplanted, replaced.Reason.Code);
        release.SetResult();
        Assert.Equal("\u0004busy"u8.ToArray(), await busy.Input.ReadExactlyAsync(5).WaitAsync(NodePair.Patience));
        await EndAsync(busy, idle, third);
    }

    [Fact]
    public async Task A_bound_holds_over_all_ids_of_an_operation_and_all_connections_of_a_peer()
    {
        Holding handler = new(new OperationLimits { InboundPerPeer = 1, WhenFull = WhenFull.ReplaceOldest });
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(handler), Asking);
        IPeerConnection another = await nodes.Dialer.ConnectAsync(new Transports.DialRequest
        {
            ExpectedPeer = Libp2p.Security.ExpectedPeer.Exactly(nodes.Listener.PeerId),
            Addresses = [nodes.Listener.Addresses[0]],
            ForceNew = true,
        });
        P2PStream first = await OpenAsync(nodes);

        P2PStream second = await another.OpenStreamAsync(new StreamRequest([Slow + "er"]), CancellationToken.None);
        Assert.Equal([1], await second.Input.ReadExactlyAsync(1).WaitAsync(NodePair.Patience));

        await Assert.ThrowsAsync<StreamResetException>(() => first.Input.ReadToEndAsync().WaitAsync(NodePair.Patience));
        await EndAsync(first, second);
    }

    [Fact]
    public async Task A_stream_that_is_kept_idle_makes_room_for_a_call_that_cannot_use_it()
    {
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(BytesHandler.Echo));
        StreamRequest reusing = new(["/bytes/echo"]) { Limits = new OperationLimits { OutboundPerPeer = 1 }, ReuseIdle = TimeSpan.FromHours(1) };
        P2PStream kept = await nodes.Connection.OpenStreamAsync(reusing, CancellationToken.None);
        ((IStreamOpener)nodes.Connection).Return(kept, reusing);

        P2PStream fresh = await nodes.Connection.OpenStreamAsync(reusing.Fresh(), CancellationToken.None).AsTask().WaitAsync(NodePair.Patience);

        Assert.NotSame(kept, fresh);
        await EndAsync(fresh);
    }

    /// <summary>A dialer whose streams are the listener's when they are open, and not with their first bytes.</summary>
    private static void Asking(NodeBuilder node) => node.Options(new NodeOptions { LazyNegotiation = false });

    private static async Task<P2PStream> OpenAsync(NodePair nodes)
    {
        P2PStream stream = await nodes.OpenAsync(Slow);
        Assert.Equal([1], await stream.Input.ReadExactlyAsync(1).WaitAsync(NodePair.Patience));
        return stream;
    }

    private static async Task EndAsync(params P2PStream[] streams)
    {
        foreach (P2PStream stream in streams)
        {
            await stream.DisposeAsync();
        }
    }

    /// <summary>Says that it serves, then holds its stream until the remote ends it.</summary>
    private sealed class Holding(OperationLimits limits) : StreamHandler
    {
        private int _serving;

        public override IReadOnlyList<ProtocolId> Ids { get; } = [Slow, Slow + "er"];

        public override OperationLimits Limits => limits;

        public Task ServesAsync(int streams) => Eventually.HoldsAsync(() => Volatile.Read(ref _serving) == streams);

        public override async ValueTask HandleAsync(P2PStream stream, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _serving);
            try
            {
                await stream.Output.WriteAsync(new byte[] { 1 }, cancellationToken);
                await stream.Input.ReadToEndAsync(cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref _serving);
            }
        }
    }
}
