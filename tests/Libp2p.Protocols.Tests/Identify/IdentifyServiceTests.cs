using Libp2p.Connections;
using Libp2p.Negotiation;
using Libp2p.Protocols.Echo;
using Libp2p.Protocols.Identify;
using Libp2p.Protocols.Ping;
using Libp2p.Services;

namespace Libp2p.Protocols.Tests.Identify;

/// <summary>Nodes that identify each other.</summary>
public sealed class IdentifyServiceTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    // Pushes without their pauses: what is gathered is tested by what each of them says.
    private static readonly IdentifyOptions s_quick = new() { AgentVersion = "test/1", PushDelay = TimeSpan.Zero, PushInterval = TimeSpan.Zero };

    [Fact]
    public async Task Both_ends_learn_who_the_other_is()
    {
        await using Libp2pNode bob = await StartAsync(node => node.Listen("/ip4/127.0.0.1/tcp/0").Handle(IPing.Protocol, new PingHandler()));
        await using Libp2pNode alice = await StartAsync(_ => { });
        using IEventSubscription<PeerIdentified> atAlice = alice.Events.Subscribe<PeerIdentified>();
        using IEventSubscription<PeerIdentified> atBob = bob.Events.Subscribe<PeerIdentified>();

        IPeerConnection connection = await alice.ConnectAsync(bob.Addresses[0]);
        PeerDescription toldByBob = (await NextAsync(atAlice)).Description;
        PeerDescription toldByAlice = (await NextAsync(atBob)).Description;

        Assert.Equal(bob.PeerId, toldByBob.Peer);
        Assert.Equal(["/ipfs/ping/1.0.0", "/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0", EarlyEnd.Id.Value], toldByBob.Protocols.Select(id => id.Value));
        Assert.Equal(bob.Addresses[0].WithoutPeer(), Assert.Single(toldByBob.Addresses));
        Assert.NotNull(toldByBob.Record);
        Assert.Equal("test/1", toldByBob.AgentVersion);
        Assert.Equal(connection.LocalAddress, toldByBob.ObservedAddress);
        Assert.Empty(toldByAlice.Addresses);
        Assert.Equal(bob.Addresses[0].WithoutPeer(), toldByAlice.ObservedAddress);

        PeerInfo? stored = await alice.Peers.GetAsync(bob.PeerId, default);
        Assert.Contains(stored!.Addresses, address => address.Source == AddressSource.Certified && address.Address == bob.Addresses[0].WithoutPeer());
        Assert.Equal(toldByBob.Protocols, stored.Protocols);
    }

    [Fact]
    public async Task A_handler_that_comes_and_goes_is_told()
    {
        await using Libp2pNode bob = await StartAsync(node => node.Listen("/ip4/127.0.0.1/tcp/0"));
        await using Libp2pNode alice = await StartAsync(_ => { });
        using IEventSubscription<PeerIdentified> atAlice = alice.Events.Subscribe<PeerIdentified>();
        await alice.ConnectAsync(bob.Addresses[0]);
        Assert.DoesNotContain(IPing.Protocol.Ids[0], (await NextAsync(atAlice)).Description.Protocols);

        IDisposable registration = bob.Handle(IPing.Protocol, new PingHandler());
        await UntilAsync(atAlice, identified => identified.IsPush && identified.Description.Protocols.Contains(IPing.Protocol.Ids[0]));
        registration.Dispose();
        await UntilAsync(atAlice, identified => identified.IsPush && !identified.Description.Protocols.Contains(IPing.Protocol.Ids[0]));

        Assert.DoesNotContain(IPing.Protocol.Ids[0], (await alice.Peers.GetAsync(bob.PeerId, default))!.Protocols);
    }

    [Fact]
    public async Task Changes_that_come_together_are_told_once_and_completely()
    {
        IdentifyOptions gathering = s_quick with { PushDelay = TimeSpan.FromMilliseconds(200) };
        await using Libp2pNode bob = await StartAsync(node => node.Listen("/ip4/127.0.0.1/tcp/0"), gathering);
        await using Libp2pNode alice = await StartAsync(_ => { });
        using IEventSubscription<PeerIdentified> atAlice = alice.Events.Subscribe<PeerIdentified>();
        await alice.ConnectAsync(bob.Addresses[0]);
        await NextAsync(atAlice);

        bob.Handle(IPing.Protocol, new PingHandler());
        bob.Handle(IEcho.Protocol, new EchoHandler());
        PeerDescription first = (await UntilAsync(atAlice, identified => identified.IsPush && identified.Description.Protocols.Count > 2)).Description;

        Assert.Contains(IPing.Protocol.Ids[0], first.Protocols);
        Assert.Contains(IEcho.Protocol.Ids[0], first.Protocols);
        Assert.Contains(IIdentify.Protocol.Ids[0], first.Protocols);
        Assert.NotNull(first.Record);
    }

    [Fact]
    public async Task What_we_say_fits_one_frame_of_4_KiB_however_much_there_is()
    {
        ContextHolder holder = new();
        await using Libp2pNode bob = await StartAsync(node => node.Listen("/ip4/127.0.0.1/tcp/0").Use(holder));
        foreach (int i in Enumerable.Range(0, 300))
        {
            holder.Context!.Addresses.Announce(Multiaddress.Parse($"/dns4/host-{i}.example.org/tcp/4001"));
        }

        await using Libp2pNode alice = await Libp2pNode.StartAsync(_ => { });
        IPeerConnection connection = await alice.ConnectAsync(bob.Addresses[0]);
        IdentifyMessage message = await connection.Client(IIdentify.Protocol).IdentifyAsync();

        Assert.InRange(message.CalculateSize(), 3500, 4096);
        PeerRecord record = await PeerRecord.OpenAsync(SignedEnvelope.Parse(message.SignedPeerRecord.Span), holder.Context!.Verifier);
        Assert.Equal(message.ListenAddrs.Select(bytes => Multiaddress.FromBytes(bytes.Span)), record.Addresses);
        Assert.True(message.HasObservedAddr);

        foreach (int i in Enumerable.Range(0, 300))
        {
            bob.Handlers.Add([new NothingHandler($"/protocol/{i}/1.0.0")]);
        }

        message = await connection.Client(IIdentify.Protocol).IdentifyAsync();
        Assert.InRange(message.CalculateSize(), 3500, 4096);
        Assert.Contains("/ipfs/id/1.0.0", message.Protocols);
    }

    [Fact]
    public async Task The_record_is_signed_again_only_when_something_has_changed()
    {
        await using Libp2pNode bob = await StartAsync(node => node.Listen("/ip4/127.0.0.1/tcp/0"));
        await using Libp2pNode alice = await Libp2pNode.StartAsync(_ => { });
        IIdentify client = (await alice.ConnectAsync(bob.Addresses[0])).Client(IIdentify.Protocol);
        ulong first = await SequenceAsync();

        Assert.Equal(first, await SequenceAsync());
        await bob.ListenAsync(Multiaddress.Parse("/ip4/127.0.0.1/tcp/0"));
        Assert.True(await SequenceAsync() > first);

        async Task<ulong> SequenceAsync() =>
            PeerRecord.Parse(SignedEnvelope.Parse((await client.IdentifyAsync()).SignedPeerRecord.Span).Payload.Span).Sequence;
    }

    [Fact]
    public async Task A_peer_that_does_not_speak_identify_costs_nothing()
    {
        await using Libp2pNode bob = await Libp2pNode.StartAsync(node => node.Listen("/ip4/127.0.0.1/tcp/0").Handle(IPing.Protocol, new PingHandler()));
        await using Libp2pNode alice = await StartAsync(_ => { });
        IPing ping = await alice.ConnectAsync(IPing.Protocol, bob.Addresses[0]);

        Assert.Equal(32, (await ping.PingAsync(new byte[32])).Length);
        Assert.Empty((await alice.Peers.GetAsync(bob.PeerId, default))?.Protocols ?? []);
    }

    [Fact]
    public async Task A_push_with_anothers_key_is_a_violation_and_changes_nothing()
    {
        await using Libp2pNode bob = await StartAsync(node => node.Listen("/ip4/127.0.0.1/tcp/0"));
        await using Libp2pNode alice = await Libp2pNode.StartAsync(_ => { });
        using IEventSubscription<PeerIdentified> atBob = bob.Events.Subscribe<PeerIdentified>();
        IPeerConnection connection = await alice.ConnectAsync(bob.Addresses[0]);
        IdentifyMessage lie = new()
        {
            PublicKey = Google.Protobuf.ByteString.CopyFrom(connection.RemoteKey.ToProtobuf().Span), // bob's own
            Protocols = { "/lie" },
        };

        await connection.Client(IIdentifyPush.Protocol).PushAsync(lie);
        await connection.Client(IIdentifyPush.Protocol).PushAsync(new IdentifyMessage { Protocols = { "/truth" } });

        Assert.Equal(["/truth"], (await NextAsync(atBob)).Description.Protocols.Select(id => id.Value));
        Assert.False(connection.Completion.IsCompleted);
    }

    private static Task<Libp2pNode> StartAsync(Action<NodeBuilder> configure, IdentifyOptions? options = null) => Libp2pNode.StartAsync(node =>
    {
        configure(node);
        node.Use(new IdentifyService(options ?? s_quick));
    });

    private static Task<PeerIdentified> NextAsync(IEventSubscription<PeerIdentified> events) => UntilAsync(events, _ => true);

    private static async Task<PeerIdentified> UntilAsync(IEventSubscription<PeerIdentified> events, Func<PeerIdentified, bool> wanted)
    {
        using CancellationTokenSource patience = new(s_patience);
        await foreach (PeerIdentified identified in events.WithCancellation(patience.Token))
        {
            if (wanted(identified))
            {
                return identified;
            }
        }

        throw new InvalidOperationException("The node has ended.");
    }

    private sealed class ContextHolder : INodeService
    {
        public string Name => "test";

        public NodeContext? Context { get; private set; }

        public ValueTask StartAsync(NodeContext node, CancellationToken cancellationToken)
        {
            Context = node;
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
