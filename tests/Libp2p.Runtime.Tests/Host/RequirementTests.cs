using Libp2p.Connections;
using Libp2p.Hosting;
using Libp2p.Scheduling;
using Libp2p.TestKit.Calls;

namespace Libp2p.Tests.Host;

/// <summary>What a model of protocols must be able to say, by number, as docs/declarations.md lists it: what takes a node to see. 14 stands in <see cref="NodeTests"/>.</summary>
public sealed class RequirementTests
{
    [Fact, Trait("Requirement", "12")]
    public async Task Requirement_12_ids_have_parameters_and_protocols_come_and_go()
    {
        Protocol<IBounded> lan = IBounded.Protocol.Bind(network: "ipfs/lan");
        Assert.Equal("/ipfs/bounded/1.0.0/ask", IBounded.Protocol.Settings(0).Ids[0].Value);
        Assert.Equal("/ipfs/lan/bounded/1.0.0/ask", lan.Settings(0).Ids[0].Value);

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
        Assert.Equal(isAllowed, Allows(new ConnectionRule(limited, ConnectionOpener.Either, relayed), new Carrier(Direction.Outbound, isRelayed, isLimited)));
    }

    [Theory, Trait("Requirement", "13")]
    [InlineData(ConnectionOpener.Dialer, Direction.Outbound, true)]
    [InlineData(ConnectionOpener.Dialer, Direction.Inbound, false)]
    [InlineData(ConnectionOpener.Listener, Direction.Outbound, false)]
    [InlineData(ConnectionOpener.Listener, Direction.Inbound, true)]
    public void Requirement_13_a_connection_was_opened_by_whom_was_declared(ConnectionOpener opener, Direction direction, bool isAllowed)
    {
        ConnectionRule rule = new(LimitedConnections.Refuse, opener);
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

    /// <summary>Whether both ends allow it: the initiator on this connection, and the responder on the same one, as it sees it.</summary>
    private static bool Allows(ConnectionRule rule, Carrier carrier)
    {
        bool opens = Succeeds(() => ConnectionRules.EnsureAllows(carrier, new StreamRequest(["/x"]) { Connection = rule }));
        Carrier remote = carrier with { Direction = carrier.Direction == Direction.Outbound ? Direction.Inbound : Direction.Outbound };
        bool serves = Succeeds(() => ConnectionRules.EnsureAllows(remote, new RuledHandler(rule), "/x"));
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

    private sealed class RuledHandler(ConnectionRule rule) : StreamHandler
    {
        public override IReadOnlyList<ProtocolId> Ids => ["/x"];

        public override ConnectionRule Connection => rule;

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

        public TimeProvider Time => TimeProvider.System;

        public NodeScheduler Scheduler => throw new NotSupportedException();

        public IRandomSource Random => throw new NotSupportedException();

        public bool TryRun(Func<CancellationToken, Task> work) => throw new NotSupportedException();

        public T Client<T>(Protocol<T> protocol)
            where T : class => protocol.CreateClient(this);

        public ValueTask CloseAsync(CancellationToken cancellationToken = default) => default;

        public ValueTask<P2PStream> OpenStreamAsync(StreamRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public void Return(P2PStream stream, StreamRequest request) => throw new NotSupportedException();
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

/// <summary>Echoes.</summary>
internal sealed class Bounded : IBounded
{
    public ValueTask<string> AskAsync(string question, CallContext context = default) => new(question);

    public ValueTask<string> OnlyListenerAsync(string question, CallContext context = default) => new(question);
}
