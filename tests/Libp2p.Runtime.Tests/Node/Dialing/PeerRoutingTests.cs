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

    private static async IAsyncEnumerable<Multiaddress> AddressesAsync(params string[] addresses)
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
