using Libp2p.Connections;
using Libp2p.Node.Peers;
using Libp2p.Simulation;
using Libp2p.TestKit.Telemetry;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Host;

/// <summary>A node ends whole, whatever its parts throw.</summary>
public sealed class EndingTests
{
    [Fact]
    public void What_a_service_throws_comes_out_when_everything_else_has_ended() => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        using LogProbe log = new();
        Facets first = new(), failing = new(new InvalidOperationException("a bug")), last = new();
        Libp2pNode bob = await SimulatedNodesTests.StartAsync(
            run, "bob", network, node => node.Listen("/memory/1").Use(first).Use(failing).Use(last).Logging(log));
        await using Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", network);
        IPeerConnection connection = await alice.ConnectAsync(bob.Addresses[0]);
        KeptPeer kept = bob.KeepConnected(alice.PeerId);

        InvalidOperationException failed = await Assert.ThrowsAsync<InvalidOperationException>(() => bob.DisposeAsync().AsTask());

        Assert.Equal("a bug", failed.Message);
        Assert.Contains(log.Events, logged => logged.Text.Contains("the service facets failed", StringComparison.Ordinal));
        Assert.True(first.HasEnded && last.HasEnded);
        Assert.Null(kept.Connection);
        Assert.Equal(EndedBy.Remote, (await connection.Completion).By);
        Assert.Equal((default, 0), (bob.GetState().Usage, bob.RunningTasks));
        await using Libp2pNode carol = await SimulatedNodesTests.StartAsync(run, "carol", network, node => node.Listen("/memory/1")); // the address is free
        await Assert.ThrowsAsync<InvalidOperationException>(() => bob.DisposeAsync().AsTask());
    });

    [Fact]
    public async Task A_node_that_cannot_start_tells_why_although_a_service_fails_to_end_as_well()
    {
        Facets failing = new(new InvalidOperationException("a bug"));

        ArgumentException unusable = await Assert.ThrowsAsync<ArgumentException>(
            () => Libp2pNode.StartAsync(node => node.Use(failing).Listen("/ip4/127.0.0.1/udp/1")));

        Assert.Contains("No transport", unusable.Message, StringComparison.Ordinal);
        Assert.True(failing.HasEnded);
    }

    [Fact]
    public void A_peer_is_kept_although_the_peer_store_cancels_by_itself() => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        Stumbling store = new(new MemoryPeerStore(run.Time), failures: 3);
        await using Libp2pNode bob = await SimulatedNodesTests.StartAsync(run, "bob", network, node => node.Listen("/memory/1"));
        Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", network, node => node.PeerStore(store));
        await alice.Peers.AddAddressesAsync(bob.PeerId, [Multiaddress.Parse("/memory/1")], AddressSource.Configured, TimeSpan.FromDays(1), default);

        KeptPeer kept = alice.KeepConnected(bob.PeerId);
        await Task.Delay(TimeSpan.FromMilliseconds(100), run.Time);
        Assert.IsType<TaskCanceledException>(kept.LastFailure);
        await Task.Delay(TimeSpan.FromSeconds(30), run.Time);

        Assert.Equal(3, kept.Failures);
        Assert.Equal(bob.PeerId, kept.Connection?.RemotePeer);
        await alice.DisposeAsync();
        Assert.Empty(alice.GetState().Kept);
    });

    /// <summary>A store whose database is too slow at first, for its own patience.</summary>
    private sealed class Stumbling(IPeerStore store, int failures) : IPeerStore
    {
        private int _left = failures;

        public ValueTask<PeerInfo?> GetAsync(PeerId peer, CancellationToken cancellationToken) =>
            _left-- > 0 ? throw new TaskCanceledException("The database takes too long") : store.GetAsync(peer, cancellationToken);

        public ValueTask AddAddressesAsync(
            PeerId peer, IReadOnlyList<Multiaddress> addresses, AddressSource source, TimeSpan lifetime, CancellationToken cancellationToken) =>
            store.AddAddressesAsync(peer, addresses, source, lifetime, cancellationToken);

        public ValueTask SetProtocolsAsync(PeerId peer, IReadOnlyList<ProtocolId> protocols, CancellationToken cancellationToken) =>
            store.SetProtocolsAsync(peer, protocols, cancellationToken);

        public ValueTask RemoveAsync(PeerId peer, CancellationToken cancellationToken) => store.RemoveAsync(peer, cancellationToken);

        public IAsyncEnumerable<PeerInfo> GetAllAsync(CancellationToken cancellationToken) => store.GetAllAsync(cancellationToken);
    }
}
