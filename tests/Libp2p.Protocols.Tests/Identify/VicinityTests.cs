using Libp2p.Protocols.Identify;
using Libp2p.Services;
using Libp2p.Simulation;
using Libp2p.Transports.Memory;

namespace Libp2p.Protocols.Tests.Identify;

/// <summary>Which of its addresses a node tells, and to whom.</summary>
public sealed class VicinityTests
{
    private static readonly string[] s_announced = ["/ip4/198.50.100.1/tcp/1", "/ip4/192.168.0.1/tcp/1", "/ip4/127.0.0.1/tcp/1"];

    [Theory]
    [InlineData("/ip4/198.50.100.7/tcp/1", 1)]
    [InlineData("/ip6/2a00::7/tcp/1", 1)]
    [InlineData("/ip4/10.0.0.7/tcp/1", 2)]
    [InlineData("/ip4/127.0.0.1/tcp/7", 3)]
    public void Who_is_far_away_is_not_told_of_loopback_and_private_addresses_signed_or_not(string caller, int told) => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        Announcer announcer = new();
        await using Libp2pNode bob = await IdentifyScene.StartAsync(run, "bob", network, node => node.Listen("/memory/1").Use(announcer), at: caller);
        await using Libp2pNode alice = await IdentifyScene.StartAsync(run, "alice", network);
        IIdentify client = await alice.ConnectAsync(IIdentify.Protocol, "/memory/1/p2p/" + bob.PeerId);

        IdentifyMessage message = await client.IdentifyAsync();

        string[] plain = [.. message.ListenAddrs.Select(bytes => Multiaddress.FromBytes(bytes.Span).ToString())];
        PeerRecord record = await PeerRecord.OpenAsync(SignedEnvelope.Parse(message.SignedPeerRecord.Span), announcer.Context!.Verifier);
        Assert.Equal(s_announced[..told], plain.Except(["/memory/1"]));
        Assert.Equal(plain, record.Addresses.Select(address => address.ToString()));
    });

    [Fact]
    public void A_peer_from_elsewhere_cannot_have_our_own_services_dialled() => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        Announcer announcer = new();
        await using Libp2pNode bob = await IdentifyScene.StartAsync(run, "bob", network, node => node.Listen("/memory/1").Use(announcer), at: "/ip4/127.0.0.1/tcp/7");
        await using Libp2pNode alice = await IdentifyScene.StartAsync(run, "alice", network, at: "/ip4/198.50.100.1/tcp/1");
        using IEventSubscription<PeerIdentified> identified = alice.Events.Subscribe<PeerIdentified>();
        await alice.ConnectAsync(bob.Addresses[0]);

        await foreach (PeerIdentified next in identified)
        {
            Assert.Equal(s_announced[..1], next.Description.Addresses.Select(address => address.ToString()));
            break;
        }

        PeerInfo? known = await alice.Peers.GetAsync(bob.PeerId, default);
        Assert.DoesNotContain(known!.Addresses, address => address.Address.ToString() is "/ip4/192.168.0.1/tcp/1" or "/ip4/127.0.0.1/tcp/1");
    });

    private sealed class Announcer : INodeService
    {
        public string Name => "announcer";

        public NodeContext? Context { get; private set; }

        public ValueTask StartAsync(NodeContext node, CancellationToken cancellationToken)
        {
            Context = node;
            Array.ForEach(s_announced, address => node.Addresses.Announce(Multiaddress.Parse(address)));
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
