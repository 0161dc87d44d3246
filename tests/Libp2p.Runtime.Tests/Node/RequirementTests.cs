using Libp2p.Connections;
using Libp2p.Node.Streams;
using Libp2p.Simulation;
using Libp2p.TestKit.Calls;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Host;

/// <summary>What a model of protocols must be able to say, by number, as docs/declarations.md lists it: what takes a node to see.</summary>
public sealed class RequirementTests
{
    [Fact, Trait("Requirement", "12")]
    public async Task Requirement_12_ids_have_parameters_and_protocols_come_and_go()
    {
        Protocol<IBounded> lan = IBounded.Protocol.Bind(network: "ipfs/lan");
        Assert.Equal("/ipfs/bounded/1.0.0/ask", IBounded.Protocol.Settings("Ask").Ids[0].Value);
        Assert.Equal("/ipfs/lan/bounded/1.0.0/ask", lan.Settings("Ask").Ids[0].Value);

        await using NodePair nodes = await NodePair.ConnectAsync(_ => { });
        using IEventSubscription<ProtocolsChanged> changes = nodes.Listener.Events.Subscribe<ProtocolsChanged>();
        using (nodes.Listener.Handlers.Add(lan.CreateHandlers(new Bounded())))
        {
            Assert.Equal("?", await nodes.Connection.Client(lan).AskAsync("?"));
            await Assert.ThrowsAsync<ProtocolNotSupportedException>(async () => await nodes.Connection.Client(IBounded.Protocol).AskAsync("?"));
        }

        await Assert.ThrowsAsync<ProtocolNotSupportedException>(async () => await nodes.Connection.Client(lan).AskAsync("?"));
        Assert.Equal([0, 2, 0], await changes.Take(3).Select(change => change.Protocols.Count).ToListAsync());
    }

    [Theory, Trait("Requirement", "13")]
    [InlineData(LimitedConnections.Refuse, RelayedConnections.Allow, false, false, true)]
    [InlineData(LimitedConnections.Refuse, RelayedConnections.Allow, true, false, true)]
    [InlineData(LimitedConnections.Refuse, RelayedConnections.Allow, true, true, false)]
    [InlineData(LimitedConnections.Allow, RelayedConnections.Allow, true, true, true)]
    [InlineData(LimitedConnections.Refuse, RelayedConnections.Refuse, true, false, false)]
    [InlineData(LimitedConnections.Allow, RelayedConnections.Refuse, true, true, false)]
    [InlineData(LimitedConnections.Refuse, RelayedConnections.Refuse, false, false, true)]
    [InlineData(LimitedConnections.Refuse, RelayedConnections.Require, false, false, false)]
    [InlineData(LimitedConnections.Refuse, RelayedConnections.Require, true, false, true)]
    [InlineData(LimitedConnections.Refuse, RelayedConnections.Require, true, true, true)]
    public void Requirement_13_a_connection_is_of_the_kind_that_was_declared(
        LimitedConnections limited, RelayedConnections relayed, bool isRelayed, bool isLimited, bool isAllowed)
    {
        Assert.Equal(isAllowed, Allows(new ConnectionRequirement(limited, ConnectionOpener.Either, relayed), new Carrier(Direction.Outbound, isRelayed, isLimited)));
    }

    [Theory, Trait("Requirement", "13")]
    [InlineData(ConnectionOpener.Dialer, Direction.Outbound, true)]
    [InlineData(ConnectionOpener.Dialer, Direction.Inbound, false)]
    [InlineData(ConnectionOpener.Listener, Direction.Outbound, false)]
    [InlineData(ConnectionOpener.Listener, Direction.Inbound, true)]
    public void Requirement_13_a_connection_was_opened_by_whom_was_declared(ConnectionOpener opener, Direction direction, bool isAllowed)
    {
        ConnectionRequirement rule = new(LimitedConnections.Refuse, opener);
        Assert.Equal(isAllowed, Allows(rule, new Carrier(direction)));
    }

    [Fact, Trait("Requirement", "13")]
    public async Task Requirement_13_the_responder_refuses_what_the_initiator_should_not_have_asked_for()
    {
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(IBounded.Protocol, new Bounded()));

        await Assert.ThrowsAsync<LimitExceededException>(async () => await nodes.Connection.Client(IBounded.Protocol).OnlyListenerAsync("?"));
        await using P2PStream stream = await nodes.OpenAsync("/ipfs/bounded/1.0.0/listener"); // without the declaration's rule
        await Assert.ThrowsAsync<StreamResetException>(() => stream.ReceiveAllAsync().WaitAsync(NodePair.Patience));
    }

    [Theory, Trait("Requirement", "14")]
    [InlineData("refuse")]
    [InlineData("wait")]
    [InlineData("replace")]
    public void Requirement_14_a_full_bound_does_what_was_declared_to_inbound_streams(string operation) => Play(async (run, listener, connection, _) =>
    {
        StreamRequest request = new([$"/places/1.0.0/{operation}"]); // without the declaration's own bound
        await using P2PStream first = await connection.OpenStreamAsync(request, CancellationToken.None);
        await HeardAsync(first);
        await using P2PStream second = await connection.OpenStreamAsync(request, CancellationToken.None);
        Task heard = run.Start("second", () => HeardAsync(second));
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);

        Assert.Equal(operation == "wait", !heard.IsCompleted);
        Assert.Equal(operation == "refuse" ? ErrorCode.ResourceLimitExceeded : null, second.End?.Code);
        Assert.Equal(operation == "replace" ? ErrorCode.Supplanted : null, first.End?.Code);
        Assert.Equal(1, listener.GetState().Usage.InboundStreams - (operation == "wait" ? 1 : 0));
        await first.DisposeAsync();
        await (operation == "refuse" ? Assert.ThrowsAsync<StreamResetException>(() => heard) : heard);
    });

    [Theory, Trait("Requirement", "14")]
    [InlineData("refuse")]
    [InlineData("wait")]
    [InlineData("replace")]
    public void Requirement_14_and_to_our_own(string operation) => Play(async (run, listener, connection, _) =>
    {
        IPlaces client = connection.Client(IPlaces.Protocol);
        Func<CallContext, ValueTask<P2PStream>> open = operation switch
        {
            "refuse" => client.OpenRefuseAsync,
            "wait" => client.OpenWaitAsync,
            _ => client.OpenReplaceAsync,
        };
        await using P2PStream first = await open(default);
        Task<P2PStream>? second = null;
        Task opening = run.Start("second", async () => await (second = open(default).AsTask()));
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);

        Assert.Equal(operation == "refuse", opening.IsCompleted); // a newer stream of ours replaces none of ours: it waits
        Assert.Equal(1, listener.GetState().Usage.InboundStreams);
        await first.DisposeAsync();
        await (operation == "refuse" ? Assert.ThrowsAsync<LimitExceededException>(() => opening) : opening);
        if (operation != "refuse")
        {
            await (await second!).DisposeAsync();
        }
    });

    [Fact, Trait("Requirement", "16")]
    public void Requirement_16_one_stream_a_peer_and_direction_which_is_opened_again_and_greets_again() => Play(async (run, listener, connection, told) =>
    {
        int Streams() => listener.GetState().Usage.InboundStreams;
        await using MessageWriter<string> writer = await connection.Client(IPlaces.Protocol).OpenPourAsync(static agreed => [agreed.Value]);
        await writer.WriteAsync("a");
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);
        Assert.Equal(["/places/1.0.0/pour", "a"], told.Poured);
        Assert.Equal(1, Streams());

        told.Breaks = true; // with the next message
        await writer.WriteAsync("b");
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);
        await writer.WriteAsync("c");
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);
        Assert.Equal(["/places/1.0.0/pour", "a", "b", "/places/1.0.0/pour", "c"], told.Poured);
        Assert.Equal(1, Streams());

        Task<MessageWriter<string>> another = connection.Client(IPlaces.Protocol).OpenPourAsync().AsTask(); // ours is one
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);
        Assert.False(another.IsCompleted);

        await writer.DisposeAsync();
        await using MessageWriter<string> next = await another;
        await next.WriteAsync("d");
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);
        Assert.Equal("d", told.Poured[^1]);

        StreamRequest unbounded = new(["/places/2.0.0/pour", "/places/1.0.0/pour"]); // whose place is not the writer's
        await using P2PStream theirs = await connection.OpenStreamAsync(unbounded, CancellationToken.None); // theirs is one too: the newest
        await theirs.SendAsync(1, (byte)'e');
        await Task.Delay(TimeSpan.FromMilliseconds(10), run.Time); // before the writer, which has lost its place, is back
        Assert.Equal("e", told.Poured[^1]);
        Assert.Equal(1, Streams());
    });

    /// <summary>Two nodes in virtual time, connected; one serves <see cref="IPlaces"/>.</summary>
    private static void Play(Func<SimulationRun, Libp2pNode, IPeerConnection, Places, Task> act)
    {
        SimulationRun run = new(1);
        Places places = new();
        run.Run(async () =>
        {
            MemoryNetwork network = new();
            await using Libp2pNode listener = await SimulatedNodesTests.StartAsync(
                run, "listener", network, node => node.Listen("/memory/1").Handle(IPlaces.Protocol, places));
            await using Libp2pNode dialer = await SimulatedNodesTests.StartAsync(
                run, "dialer", network, node => node.Options(new NodeOptions { LazyNegotiation = false }));
            await act(run, listener, await dialer.ConnectAsync(listener.Addresses[0]), places);
            await Task.Delay(TimeSpan.FromSeconds(1), run.Time);
            Assert.Equal(0, listener.GetState().Usage.InboundStreams + dialer.GetState().Usage.OutboundStreams);
        });
    }

    /// <summary>The byte that says that a handler has the stream.</summary>
    private static async Task HeardAsync(P2PStream stream)
    {
        System.IO.Pipelines.ReadResult read = await stream.Input.ReadAsync();
        Assert.Equal(1, read.Buffer.Length);
        stream.Input.AdvanceTo(read.Buffer.End);
    }

    /// <summary>Whether both ends allow it: the initiator on this connection, and the responder on the same one, as it sees it.</summary>
    private static bool Allows(ConnectionRequirement rule, Carrier carrier)
    {
        bool opens = Succeeds(() => RequirementCheck.EnsureAllows(carrier, new StreamRequest(["/x"]) { Connection = rule }));
        Carrier remote = carrier with { Direction = carrier.Direction == Direction.Outbound ? Direction.Inbound : Direction.Outbound };
        bool serves = Succeeds(() => RequirementCheck.EnsureAllows(remote, new RuledHandler(rule), "/x"));
        Assert.Equal(opens, serves);
        return opens;
    }

    private static bool Succeeds(Action check)
    {
        try
        {
            check();
            return true;
        }
        catch (LimitExceededException)
        {
            return false;
        }
    }

    private sealed class RuledHandler(ConnectionRequirement rule) : StreamHandler
    {
        public override IReadOnlyList<ProtocolId> Ids => ["/x"];

        public override ConnectionRequirement Connection => rule;

        public override ValueTask HandleAsync(P2PStream stream, CancellationToken cancellationToken) => default;
    }

    /// <summary>A connection, as far as rules look at it.</summary>
    private sealed record Carrier(Direction Direction, bool IsRelayed = false, bool IsLimited = false) : IPeerConnection
    {
        public ConnectionLimit? Limit => IsLimited ? new ConnectionLimit(null, null) : null;

        public long Id => 1;

        public PeerId RemotePeer => throw new NotSupportedException();

        public PublicKey RemoteKey => throw new NotSupportedException();

        public Multiaddress LocalAddress => throw new NotSupportedException();

        public Multiaddress RemoteAddress => throw new NotSupportedException();

        public ProtocolId? Security => null;

        public ProtocolId? Muxer => null;

        public bool IsEarlyMuxer => false;

        public Task<EndReason> Completion => throw new NotSupportedException();

        public TimeSpan Age => default;

        public ConnectionActivity Activity => default;

        public T Client<T>(Protocol<T> protocol)
            where T : class => throw new NotSupportedException();

        public ValueTask CloseAsync(CancellationToken cancellationToken = default) => default;

        public ValueTask CloseAsync(ErrorCode code, string reason, CancellationToken cancellationToken = default) => default;

        public ValueTask<P2PStream> OpenStreamAsync(IReadOnlyList<ProtocolId> protocols, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }
}

/// <summary>Bounded in where it runs.</summary>
[Protocol("/{network=ipfs}/bounded/1.0.0")]
[Limits(MaxMessage = 100, ExchangeSeconds = 10)]
internal partial interface IBounded
{
    [Id("ask")]
    ValueTask<string> AskAsync(string question, CallContext context = default);

    [Id("listener"), Connection(OpenedBy = ConnectionOpener.Listener)]
    ValueTask<string> OnlyListenerAsync(string question, CallContext context = default);
}

/// <summary>Bounded in how many streams there are, and in what a stream too many meets.</summary>
[Protocol("/places/1.0.0")]
[Limits(MaxMessage = 100, ExchangeSeconds = Seconds.Unbounded, InboundPerPeer = 1, OutboundPerPeer = 1)]
internal partial interface IPlaces
{
    [Id("refuse"), Limits(WhenFull = WhenFull.Refuse)]
    ValueTask RefuseAsync(P2PStream stream, CallContext context = default);

    [Id("wait"), Limits(WhenFull = WhenFull.Wait)]
    ValueTask WaitAsync(P2PStream stream, CallContext context = default);

    [Id("replace"), Limits(WhenFull = WhenFull.ReplaceOldest)]
    ValueTask ReplaceAsync(P2PStream stream, CallContext context = default);

    [Id("pour"), PerPeer(1), Limits(WhenFull = WhenFull.ReplaceOldest)]
    ValueTask PourAsync(IAsyncEnumerable<string> messages, CallContext context = default);
}

/// <summary>Says that it serves, and waits for the end.</summary>
internal sealed class Places : IPlaces
{
    /// <summary>What was poured, over all streams.</summary>
    public List<string> Poured { get; } = [];

    /// <summary>Whether the next message breaks the stream.</summary>
    public bool Breaks { get; set; }

    public async ValueTask RefuseAsync(P2PStream stream, CallContext context = default)
    {
        await stream.Output.WriteAsync(new byte[] { 1 }, context.CancellationToken);
        await stream.Input.ReadAsync(context.CancellationToken);
    }

    public ValueTask WaitAsync(P2PStream stream, CallContext context = default) => RefuseAsync(stream, context);

    public ValueTask ReplaceAsync(P2PStream stream, CallContext context = default) => RefuseAsync(stream, context);

    public async ValueTask PourAsync(IAsyncEnumerable<string> messages, CallContext context = default)
    {
        await foreach (string message in messages)
        {
            Poured.Add(message);
            if (Breaks)
            {
                Breaks = false;
                throw new InvalidOperationException("Broken");
            }
        }
    }
}

/// <summary>Echoes.</summary>
internal sealed class Bounded : IBounded
{
    public ValueTask<string> AskAsync(string question, CallContext context = default) => new(question);

    public ValueTask<string> OnlyListenerAsync(string question, CallContext context = default) => new(question);
}
