using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Muxers;
using Libp2p.Node.Connections;
using Libp2p.Node.State;
using Libp2p.TestKit;
using Libp2p.TestKit.Scheduling;
using Libp2p.TestKit.Telemetry;
using Libp2p.Transports;

namespace Libp2p.Tests.Host;

/// <summary>What is refused is told why, and leaves nothing taken.</summary>
public sealed class RefusalTests
{
    private static readonly ResourceLimits s_defaults = new();

    [Fact]
    public async Task A_connection_that_is_refused_after_the_upgrade_hears_the_code_and_gives_back_the_memory_it_took_once()
    {
        Libp2pNode? dialer = null;
        Questioned gater = new()
        {
            Upgraded = () => Assert.True(SpinWait.SpinUntil(() => dialer!.GetState().Usage.Memory > 0, NodePair.Patience)), // the remote has sent
        };
        await using Libp2pNode listener = await Libp2pNode.StartAsync(node => node.Listen("/ip4/127.0.0.1/tcp/0"));
        dialer = await Libp2pNode.StartAsync(node => node.Gater(gater));
        using IEventSubscription<ConnectionOpened> opened = listener.Events.Subscribe<ConnectionOpened>();
        await using IAsyncEnumerator<ConnectionOpened> openings = opened.GetAsyncEnumerator();

        Task dialling = dialer.ConnectAsync(listener.Addresses[0]).AsTask();
        Assert.True(await openings.MoveNextAsync().AsTask().WaitAsync(NodePair.Patience));
        PeerConnection connection = (PeerConnection)openings.Current.Connection;
        await using (IMuxedStream eager = await connection.Muxed.OpenStreamAsync(CancellationToken.None))
        {
            await eager.Output.WriteAsync(new byte[1000]);
            await Assert.ThrowsAsync<DialException>(() => dialling.WaitAsync(NodePair.Patience));
        }

        EndReason reason = await connection.Completion.WaitAsync(NodePair.Patience);
        await dialer.DisposeAsync(); // nothing runs any more that could give back
        Assert.Equal((EndedBy.Remote, ErrorCode.Gated), (reason.By, reason.Code));
        Assert.Equal(default, dialer.GetState().Usage);
    }

    [Fact]
    public void Memory_that_comes_back_after_its_lease_has_gone_counts_no_more()
    {
        ResourceManager manager = new(s_defaults);
        Assert.True(manager.TryOpenConnection(Direction.Outbound, Multiaddress.Parse("/memory/1"), out IConnectionLease? connection, out _));
        Assert.True(connection.TryOpenStream(Direction.Outbound, out IStreamLease? stream, out _));
        Assert.True(connection.TryReserveMemory(1000));
        Assert.True(stream.TryReserveMemory(100));

        stream.Dispose();
        stream.ReleaseMemory(100);
        Assert.Equal(1000, manager.Usage.Memory);
        connection.Dispose();
        connection.ReleaseMemory(1000);

        Assert.Equal(default, manager.Usage);
        Assert.True(connection.TryReserveMemory(1)); // what is read of it now was received before
        Assert.False(stream.TryReserveMemory(1));
        Assert.Equal(default, manager.Usage);
    }

    [Theory]
    [InlineData("dial")]
    [InlineData("accept")]
    [InlineData("secured")]
    [InlineData("upgraded")]
    public async Task A_gater_that_fails_has_refused(string step)
    {
        using LogProbe log = new();
        void Fail() => throw new InvalidOperationException("a bug");
        Questioned gater = step switch
        {
            "dial" => new Questioned { Dial = Fail },
            "accept" => new Questioned { Accept = Fail },
            "secured" => new Questioned { Secured = Fail },
            _ => new Questioned { Upgraded = Fail },
        };
        await using Libp2pNode listener = await Libp2pNode.StartAsync(node => (step == "accept" ? node.Gater(gater).Logging(log) : node).Listen("/ip4/127.0.0.1/tcp/0"));
        await using Libp2pNode dialer = await Libp2pNode.StartAsync(node => _ = step == "accept" ? node : node.Gater(gater).Logging(log));

        await Assert.ThrowsAsync<DialException>(() => dialer.ConnectAsync(listener.Addresses[0]).AsTask());

        Assert.Contains(log.Events, logged => logged.Id == 1012);
        await Eventually.HoldsAsync(() => listener.GetState().Usage == default && dialer.GetState().Usage == default);
    }

    [Theory]
    [InlineData("inbound per connection")]
    [InlineData("negotiating")]
    [InlineData("node")]
    public async Task Streams_that_a_ceiling_refuses_take_no_place_of_it(string ceiling)
    {
        ResourceLimits single = ceiling switch
        {
            "inbound per connection" => s_defaults with { InboundStreamsPerConnection = 1 },
            "negotiating" => s_defaults with { NegotiatingPerConnection = 1 },
            _ => s_defaults with { Streams = 1 },
        };
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(BytesHandler.Echo).Options(new NodeOptions { Limits = single }));
        IMuxedStream mute = await ((PeerConnection)nodes.Connection).Muxed.OpenStreamAsync(CancellationToken.None);
        await mute.Output.FlushAsync();
        await Eventually.HoldsAsync(() => nodes.Listener.GetState().Usage.InboundStreams == 1);

        for (int i = 0; i < 3; i++)
        {
            await Assert.ThrowsAnyAsync<Libp2pException>(() => EchoAsync(nodes));
        }

        Assert.Equal(1, nodes.Listener.GetState().Usage.InboundStreams);
        await mute.DisposeAsync();
        await Eventually.HoldsAsync(() => nodes.Listener.GetState().Usage.InboundStreams == 0);
        await EchoAsync(nodes);
        await Eventually.HoldsAsync(() => IsWithoutStreams(nodes.Listener));
    }

    [Theory]
    [InlineData("/bytes/guarded")] // by its policy
    [InlineData("/bytes/full")] // by its bound, which is 0
    [InlineData("/bytes/relayed")] // by its rule
    [InlineData("/bytes/unknown")] // by the table of handlers
    public async Task Streams_that_no_handler_gets_leave_the_counts_at_nothing(string protocol)
    {
        await using NodePair nodes = await NodePair.ConnectAsync(node => node
            .Handle(new BytesHandler("/bytes/guarded", BytesHandler.EchoAsync, access: "nobody")).Policy("nobody", (_, _) => new(false))
            .Handle(new BytesHandler("/bytes/full", BytesHandler.EchoAsync, new OperationLimits { InboundPerPeer = 0 }))
            .Handle(new Relayed()));

        for (int i = 0; i < 3; i++)
        {
            await Assert.ThrowsAnyAsync<Libp2pException>(() => EchoAsync(nodes, protocol));
        }

        await Eventually.HoldsAsync(() => IsWithoutStreams(nodes.Listener) && IsWithoutStreams(nodes.Dialer));
        await Eventually.HoldsAsync(() => nodes.Listener.RunningTasks == 3); // the table's, the connection's and the accept loop's
    }

    private static bool IsWithoutStreams(Libp2pNode node)
    {
        NodeState state = node.GetState();
        return state.Usage is { InboundStreams: 0, OutboundStreams: 0 }
            && state.Connections is [{ Usage: { InboundStreams: 0, OutboundStreams: 0 }, Serving: 0, Streams.Count: 0 }];
    }

    private static async Task EchoAsync(NodePair nodes, string protocol = "/bytes/echo")
    {
        await using P2PStream stream = await nodes.OpenAsync(protocol);
        await stream.Output.WriteAsync(new byte[] { 7 });
        Assert.Equal([7], await stream.Input.ReadExactlyAsync(1).WaitAsync(NodePair.Patience));
    }

    private sealed class Relayed : StreamHandler
    {
        public override IReadOnlyList<ProtocolId> Ids { get; } = ["/bytes/relayed"];

        public override ConnectionRequirement Connection { get; } = ConnectionRequirement.Default with { Relayed = RelayedConnections.Require };

        public override ValueTask HandleAsync(P2PStream stream, CancellationToken cancellationToken) => BytesHandler.EchoAsync(stream, cancellationToken);
    }

    /// <summary>Does something when it is asked; refuses what was upgraded, and nothing before.</summary>
    private sealed class Questioned : IConnectionGater
    {
        public Action? Dial { get; init; }

        public Action? Accept { get; init; }

        public Action? Secured { get; init; }

        public Action? Upgraded { get; init; }

        public bool AllowDial(PeerId? peer, Multiaddress address) => Asked(Dial, true);

        public bool AllowAccept(Multiaddress localAddress, Multiaddress remoteAddress) => Asked(Accept, true);

        public bool AllowSecured(Direction direction, PeerId peer, Multiaddress remoteAddress) => Asked(Secured, true);

        public bool AllowUpgraded(Direction direction, UpgradedConnection connection) => Asked(Upgraded, false);

        private static bool Asked(Action? question, bool answer)
        {
            question?.Invoke();
            return answer;
        }
    }
}
