using System.Runtime.CompilerServices;
using Libp2p.Services;
using Libp2p.Simulation;
using Libp2p.Tests.Host;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Node.Dialing;

/// <summary>A peer of which only the id is known is found by what the node's services add.</summary>
public sealed class PeerRoutingTests
{
    [Fact]
    public void A_peer_is_found_by_its_id_and_one_way_that_fails_or_never_ends_costs_the_others_nothing() => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        await using Libp2pNode bob = await SimulatedNodesTests.StartAsync(run, "bob", network, node => node.Listen("/memory/1").Handle(ISay.Protocol, new Said()));
        Router stuck = new("stuck", static (_, token) => NeverAsync(token));
        Router broken = new("broken", static (_, _) => throw new InvalidOperationException("out of order"));
        Router knowing = new("knowing", (peer, _) => AddressesAsync(peer == bob.PeerId ? "/memory/1" : "/memory/2"));
        await using Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", network, node => node.Use(new Service(stuck, broken, knowing)));

        Assert.StartsWith("hi", await alice.Client(ISay.Protocol, bob.PeerId).SayAsync("hi"), StringComparison.Ordinal);
        Assert.Equal((1, 1, 1), (stuck.Asked, broken.Asked, knowing.Asked));
        Assert.True(stuck.WasCancelled); // the dial is over
        await alice.Client(ISay.Protocol, bob.PeerId).SayAsync("again");
        Assert.Equal(1, knowing.Asked); // it is connected
    });

    [Fact]
    public void A_peer_that_nobody_finds_is_a_dial_that_fails_and_whoever_left_is_not_asked() => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        Router knowing = new("knowing", static (_, _) => AddressesAsync());
        Service service = new(knowing);
        await using Libp2pNode bob = await SimulatedNodesTests.StartAsync(run, "bob", network);
        await using Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", network, node => node.Use(service));

        await Assert.ThrowsAsync<DialException>(() => alice.Client(ISay.Protocol, bob.PeerId).SayAsync("hi").AsTask());
        Assert.Equal(1, knowing.Asked);
        service.Remove();
        await Assert.ThrowsAsync<DialException>(() => alice.Client(ISay.Protocol, bob.PeerId).SayAsync("hi").AsTask());
        Assert.Equal(1, knowing.Asked);
    });

    [Fact]
    public void Nothing_is_asked_where_an_address_is_known_that_can_be_dialled() => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        await using Libp2pNode bob = await SimulatedNodesTests.StartAsync(run, "bob", network, node => node.Listen("/memory/1").Handle(ISay.Protocol, new Said()));
        Router knowing = new("knowing", static (_, _) => AddressesAsync("/memory/1"));
        await using Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", network, node => node.Use(new Service(knowing)));
        await KnowAsync(alice, bob, "/ip4/1.2.3.4/udp/1/quic-v1", "/memory/1");

        await alice.Client(ISay.Protocol, bob.PeerId).SayAsync("hi");
        Assert.Equal(0, knowing.Asked);

        await alice.Connections[0].CloseAsync();
        await alice.Peers.RemoveAsync(bob.PeerId, default);
        await KnowAsync(alice, bob, "/ip4/1.2.3.4/udp/1/quic-v1"); // no transport dials it
        await alice.Client(ISay.Protocol, bob.PeerId).SayAsync("again");
        Assert.Equal(1, knowing.Asked);
    });

    [Fact]
    public void What_never_ends_is_listened_to_for_so_many_addresses() => SimulationRun.Replay(1, async run =>
    {
        int given = 0;
        Router endless = new("endless", (_, _) => AddressesAsync(Enumerable.Range(100, 1000).Select(i => $"/memory/{i}").Select(address => (address, given++).address)));
        await using Libp2pNode bob = await SimulatedNodesTests.StartAsync(run, "bob", new MemoryNetwork());
        await using Libp2pNode alice = await SimulatedNodesTests.StartAsync(
            run, "alice", new MemoryNetwork(), node => node.Use(new Service(endless)).Options(new NodeOptions { MaxDialAddresses = 4 }));

        DialException failed = await Assert.ThrowsAsync<DialException>(() => alice.Client(ISay.Protocol, bob.PeerId).SayAsync("hi").AsTask());

        Assert.Equal(16, given);
        Assert.Equal(4, failed.Attempts.Count);
    });

    [Fact]
    public void A_way_that_ignores_its_cancellation_is_left_behind() => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        TaskCompletionSource returns = new();
        Router deaf = new("deaf", (_, _) => DeafAsync(returns.Task));
        Router knowing = new("knowing", static (_, _) => AddressesAsync("/memory/1"));
        await using Libp2pNode bob = await SimulatedNodesTests.StartAsync(run, "bob", network, node => node.Listen("/memory/1").Handle(ISay.Protocol, new Said()));
        await using Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", network, node => node.Use(new Service(deaf, knowing)));

        await alice.Client(ISay.Protocol, bob.PeerId).SayAsync("hi");
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);

        Assert.Contains("deaf", Assert.Single(alice.GetState().Abandoned).What, StringComparison.Ordinal);
        await alice.DisposeAsync(); // does not wait for it
        returns.SetResult();
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);
        Assert.Empty(alice.GetState().Abandoned);
    });

    private static ValueTask KnowAsync(Libp2pNode node, Libp2pNode other, params string[] addresses) => node.Peers.AddAddressesAsync(
        other.PeerId, [.. addresses.Select(Multiaddress.Parse)], AddressSource.Announced, TimeSpan.FromHours(1), default);

    private static async IAsyncEnumerable<Multiaddress> DeafAsync(Task returns)
    {
        await returns;
        yield break;
    }

    private static IAsyncEnumerable<Multiaddress> AddressesAsync(params string[] addresses) => AddressesAsync(addresses.AsEnumerable());

    private static async IAsyncEnumerable<Multiaddress> AddressesAsync(IEnumerable<string> addresses)
    {
        foreach (string address in addresses)
        {
            await Task.Yield();
            yield return Multiaddress.Parse(address);
        }
    }

    private static async IAsyncEnumerable<Multiaddress> NeverAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        TaskCompletionSource never = new();
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(_ => never.TrySetCanceled(cancellationToken), null);
        await never.Task;
        yield break;
    }

    private sealed class Router(string name, Func<PeerId, CancellationToken, IAsyncEnumerable<Multiaddress>> find) : IPeerRouting
    {
        private CancellationToken _token;

        public string Name => name;

        public int Asked { get; private set; }

        public bool WasCancelled => _token.IsCancellationRequested;

        public IAsyncEnumerable<Multiaddress> FindPeerAsync(PeerId peer, CancellationToken cancellationToken)
        {
            Asked++;
            _token = cancellationToken;
            return find(peer, cancellationToken);
        }
    }

    private sealed class Service(params Router[] routers) : INodeService
    {
        private readonly List<IDisposable> _added = [];

        public string Name => "routing";

        public ValueTask StartAsync(NodeContext node, CancellationToken cancellationToken)
        {
            _added.AddRange(routers.Select(node.Routing.Add));
            return ValueTask.CompletedTask;
        }

        public void Remove() => _added.ForEach(added => added.Dispose());

        public ValueTask DisposeAsync()
        {
            Remove();
            return ValueTask.CompletedTask;
        }
    }
}
