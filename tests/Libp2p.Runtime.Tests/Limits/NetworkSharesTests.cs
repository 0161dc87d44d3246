using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Limits;
using Libp2p.Simulation;
using Libp2p.TestKit;
using Libp2p.TestKit.Connections;
using Libp2p.TestKit.Scheduling;
using Libp2p.Tests.Host;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Limits;

/// <summary>What one address may have of a node, whoever it says it is.</summary>
public sealed class NetworkSharesTests
{
    private static readonly ResourceLimits s_few = new() { ConnectionsPerAddress = 4, PendingInboundPerAddress = 2, ConnectionsPerAddressPerSecond = 1 };

    private readonly ManualClock _clock = new();
    private readonly List<string> _refused = [];

    [Fact]
    public void An_address_has_its_share_of_handshakes_and_another_has_its_own()
    {
        ResourceManager manager = Manager(s_few);
        IConnectionLease first = Take(manager, "/ip4/198.50.100.1/tcp/1");
        Take(manager, "/ip4/198.50.100.1/tcp/2");

        Assert.False(TryTake(manager, "/ip4/198.50.100.1/udp/3"));
        Take(manager, "/ip4/198.50.100.2/tcp/1");
        Assert.True(manager.TryOpenConnection(Direction.Outbound, Multiaddress.Parse("/ip4/198.50.100.1/tcp/1"), out _, out _)); // our choice
        Assert.True(first.TryAttribute(TestPeer.Of(1), out _));
        Take(manager, "/ip4/198.50.100.1/tcp/3");

        Assert.Equal(["pending inbound per address"], _refused);
    }

    [Fact]
    public void An_address_has_its_share_of_connections_however_many_identities_it_has()
    {
        ResourceManager manager = Manager(s_few);
        IConnectionLease[] leases = [.. Enumerable.Range(0, 4).Select(i => Open(manager, "/ip4/198.50.100.1/tcp/1", i))];

        _clock.Advance(TimeSpan.FromHours(1));
        Assert.False(TryTake(manager, "/ip4/198.50.100.1/tcp/1"));
        leases[0].Dispose();
        leases[0].Dispose();
        Take(manager, "/ip4/198.50.100.1/tcp/1");
        Assert.False(TryTake(manager, "/ip4/198.50.100.1/tcp/1"));

        Assert.Equal(["connections per address", "connections per address"], _refused);
    }

    [Fact]
    public void An_address_that_renews_its_connections_is_slowed_down()
    {
        ResourceManager manager = Manager(s_few);
        for (int i = 0; i < 4; i++)
        {
            Take(manager, "/ip4/198.50.100.1/tcp/1").Dispose();
        }

        Assert.False(TryTake(manager, "/ip4/198.50.100.1/tcp/1"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Take(manager, "/ip4/198.50.100.1/tcp/1").Dispose();
        Assert.False(TryTake(manager, "/ip4/198.50.100.1/tcp/1"));

        Assert.Equal(["connection rate per address", "connection rate per address"], _refused);
    }

    [Theory]
    [InlineData("/ip6/2a00:1:2:300::1/tcp/1", "/ip6/2a00:1:2:3ff::2/tcp/1", true)]
    [InlineData("/ip6/2a00:1:2:300::1/tcp/1", "/ip6/2a00:1:2:400::1/tcp/1", false)]
    [InlineData("/ip4/198.50.100.1/tcp/1", "/ip6/::ffff:198.50.100.1/tcp/1", true)]
    [InlineData("/ip6zone/eth0/ip6/fe80::1/tcp/1", "/ip6zone/eth0/ip6/fe80::2/tcp/1", false)]
    [InlineData("/ip4/198.50.100.1/tcp/1", "/ip4/198.50.100.1/tcp/1/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN/p2p-circuit", false)]
    public void What_counts_as_one_address(string first, string second, bool isOne)
    {
        ResourceManager manager = Manager(s_few with { PendingInboundPerAddress = 1 });
        Take(manager, first);
        Assert.Equal(!isOne, TryTake(manager, second));
    }

    [Fact]
    public void A_48_has_four_times_what_one_of_its_56_has()
    {
        ResourceManager manager = Manager(s_few with { PendingInboundPerAddress = 1 });
        for (int i = 0; i < 4; i++)
        {
            Take(manager, $"/ip6/2a00:1:2:{i}00::1/tcp/1");
        }

        Assert.False(TryTake(manager, "/ip6/2a00:1:2:400::1/tcp/1"));
        Take(manager, "/ip6/2a00:1:3:400::1/tcp/1");
    }

    [Theory]
    [InlineData("/ip4/127.0.0.1/tcp/1")]
    [InlineData("/ip6/::1/tcp/1")]
    [InlineData("/memory/1")]
    public void Who_is_on_this_machine_is_exempt(string address)
    {
        ResourceManager manager = Manager(s_few);
        for (int i = 0; i < 16; i++)
        {
            Take(manager, address);
        }
    }

    [Fact]
    public void A_flood_from_everywhere_is_remembered_within_bounds_and_forgotten()
    {
        NetworkShares shares = new(s_few, _clock);
        Multiaddress held = Multiaddress.Parse("/ip4/203.0.0.1/tcp/1");
        Assert.True(shares.TryTake(held, out _, out _));
        Assert.True(shares.TryTake(held, out _, out _));
        for (int i = 0; i < 20_000; i++)
        {
            Assert.True(shares.TryTake(Multiaddress.Parse($"/ip4/44.1.{i / 250}.{i % 250}/tcp/1"), out NetworkPrefix? network, out _));
            shares.EndHandshake(network!.Value);
            shares.GiveBack(network.Value);
            Assert.InRange(shares.Count, 1, NetworkShares.MaxIdle + 1);
        }

        Assert.False(shares.TryTake(held, out _, out string? bound)); // who has connections is not forgotten
        Assert.Equal("pending inbound per address", bound);
    }

    [Fact]
    public void Silent_connections_from_one_address_keep_nobody_else_out() => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        MemoryTransport raw = new(network, run.Scheduler);
        string at = "/ip4/198.50.100.1/tcp/1";
        await using Libp2pNode bob = await SimulatedNodesTests.StartAsync(
            run, "bob", network, node => node.Listen("/memory/1"), memory => new PlacedTransport(memory, () => Multiaddress.Parse(at)));
        await using Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", network);
        List<IByteLink> silent = [];
        for (int i = 0; i < 200; i++)
        {
            silent.Add(await raw.DialAsync(TransportDials.To(Multiaddress.Parse("/memory/1")), default));
            await Task.Delay(TimeSpan.FromMilliseconds(1), run.Time);
        }

        Assert.Equal(new ResourceLimits().PendingInboundPerAddress, bob.GetState().Usage.InboundConnections);
        at = "/ip4/198.50.100.2/tcp/1";
        await alice.ConnectAsync(bob.Addresses[0]);

        foreach (ITransportConnection connection in silent)
        {
            await connection.DisposeAsync();
        }
    });

    private ResourceManager Manager(ResourceLimits limits) => new(limits, _clock) { Refused = _refused.Add };

    private static IConnectionLease Open(ResourceManager manager, string address, int identity)
    {
        IConnectionLease lease = Take(manager, address);
        Assert.True(lease.TryAttribute(TestPeer.Of(identity), out _));
        return lease;
    }

    private static IConnectionLease Take(ResourceManager manager, string address)
    {
        Assert.True(manager.TryOpenConnection(Direction.Inbound, Multiaddress.Parse(address), out IConnectionLease? lease, out string? refusal), refusal);
        return lease!;
    }

    private static bool TryTake(ResourceManager manager, string address) =>
        manager.TryOpenConnection(Direction.Inbound, Multiaddress.Parse(address), out _, out _);

    private static class TestPeer
    {
        public static PeerId Of(int number) =>
            PrivateKey.GenerateEd25519(new SeededRandomSource((ulong)number), CryptoEngine.Default).PublicKey.PeerId;
    }
}
