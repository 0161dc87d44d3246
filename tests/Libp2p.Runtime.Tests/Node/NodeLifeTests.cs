using Libp2p.Connections;
using Libp2p.Security;
using Libp2p.Services;
using Libp2p.Simulation;
using Libp2p.Transports;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Host;

/// <summary>What nodes do over time: keep peers, drain, come through failures.</summary>
public sealed class NodeLifeTests
{
    public static TheoryData<ulong> Seeds => [.. Enumerable.Range(0, 10).Select(seed => (ulong)seed)];

    [Fact]
    public void A_connection_that_is_closed_in_order_is_no_failure_but_the_next_dial_waits_when_it_was_short() => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        await using Libp2pNode bob = await SimulatedNodesTests.StartAsync(run, "bob", network, node => node.Listen("/memory/1"));
        await using Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", network);
        await alice.Peers.AddAddressesAsync(bob.PeerId, [Multiaddress.Parse("/memory/1")], AddressSource.Configured, TimeSpan.FromDays(1), default);
        await using KeptPeer kept = alice.KeepConnected(bob.PeerId);
        await PassAsync(run, 1);

        await kept.Connection!.CloseAsync();
        await PassAsync(run, 0.4);
        Assert.Null(kept.Connection);
        Assert.Equal(0, kept.Failures);
        await PassAsync(run, 1);
        Assert.NotNull(kept.Connection);
        Assert.Equal(0, kept.Failures);
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_kept_peer_is_connected_again_until_the_lease_ends(ulong seed) => SimulationRun.Replay(seed, async run =>
    {
        MemoryNetwork network = new();
        Libp2pNode bob = await SimulatedNodesTests.StartAsync(run, "bob", network, node => node.Listen("/memory/1"));
        await using Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", network);
        await alice.Peers.AddAddressesAsync(bob.PeerId, [Multiaddress.Parse("/memory/1")], AddressSource.Configured, TimeSpan.FromDays(1), default);

        KeptPeer kept = alice.KeepConnected(bob.PeerId);
        await PassAsync(run, 1);
        Assert.Same(Assert.Single(alice.Connections), kept.Connection);
        Assert.Contains("keeps", alice.GetState().ToString(), StringComparison.Ordinal);

        await PassAsync(run, 60);
        await kept.Connection!.CloseAsync(); // it was good for a while: dialled at once
        await PassAsync(run, 0.1);
        Assert.Single(alice.Connections);

        await bob.DisposeAsync();
        await PassAsync(run, 600);
        Assert.Empty(alice.Connections);
        Assert.InRange(kept.Failures, 6, 16); // 1, 2, 4 … 300 s, up to half of which is chance
        Assert.IsType<DialException>(kept.LastFailure);

        await kept.DisposeAsync();
        await kept.DisposeAsync();
        int failures = kept.Failures;
        await PassAsync(run, 600);
        Assert.Equal(failures, kept.Failures);
        Assert.Empty(alice.GetState().Kept);
        run.Log($"{failures}");
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_node_that_ends_ends_its_leases(ulong seed) => SimulationRun.Replay(seed, async run =>
    {
        Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", new MemoryNetwork());
        KeptPeer kept = alice.KeepConnected(alice.PeerId);
        await PassAsync(run, 5);

        await alice.DisposeAsync();

        Assert.Null(kept.Connection);
        Assert.Throws<ObjectDisposedException>(() => alice.KeepConnected(alice.PeerId));
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Stopping_waits_for_open_streams_and_takes_no_new_ones(ulong seed) => SimulationRun.Replay(seed, async run =>
    {
        MemoryNetwork network = new();
        Slow slow = new(run, TimeSpan.FromSeconds(5));
        Libp2pNode bob = await SimulatedNodesTests.StartAsync(run, "bob", network, node => node.Listen("/memory/1").Handle(ISay.Protocol, slow));
        await using Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", network);
        ISay ask = (await alice.ConnectAsync(bob.Addresses[0])).Client(ISay.Protocol);
        Task<string> open = ask.SayAsync("hello").AsTask();
        await PassAsync(run, 1);

        Task stopping = bob.StopAsync();
        await PassAsync(run, 1);
        Assert.False(stopping.IsCompleted);
        await Assert.ThrowsAnyAsync<Libp2pException>(() => ask.SayAsync("again").AsTask());
        await using Libp2pNode carol = await SimulatedNodesTests.StartAsync(run, "carol", network);
        await Assert.ThrowsAsync<DialException>(() => carol.ConnectAsync(Multiaddress.Parse($"/memory/1/p2p/{bob.PeerId}")).AsTask());

        Assert.Equal("hello, in time", await open);
        await stopping;
        Assert.Equal(default, bob.GetState().Usage);
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Stopping_cuts_off_what_is_open_when_patience_is_over(ulong seed) => SimulationRun.Replay(seed, async run =>
    {
        MemoryNetwork network = new();
        Slow slow = new(run, TimeSpan.FromSeconds(50));
        Libp2pNode bob = await SimulatedNodesTests.StartAsync(run, "bob", network, node => node.Listen("/memory/1").Handle(ISay.Protocol, slow));
        await using Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", network);
        Task<string> open = (await alice.ConnectAsync(bob.Addresses[0])).Client(ISay.Protocol).SayAsync("hello").AsTask();
        await PassAsync(run, 1);
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(2), run.Time);
        long started = run.Time.GetTimestamp();

        await bob.StopAsync(patience.Token);

        Assert.InRange(run.Time.GetElapsedTime(started), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(8));
        await Assert.ThrowsAnyAsync<Libp2pException>(() => open);
        Assert.Equal(default, bob.GetState().Usage);
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Handlers_that_come_together_are_told_together(ulong seed) => SimulationRun.Replay(seed, async run =>
    {
        await using Libp2pNode node = await SimulatedNodesTests.StartAsync(run, "alice", new MemoryNetwork());
        await PassAsync(run, 1);
        using IEventSubscription<ProtocolsChanged> changes = node.Events.Subscribe<ProtocolsChanged>();
        List<int> told = [];
        Task watching = run.Start("watcher", async () =>
        {
            await foreach (ProtocolsChanged change in changes)
            {
                told.Add(change.Protocols.Count);
            }
        });

        List<IDisposable> handlers = [.. Enumerable.Range(0, 10).Select(i => node.Handlers.Add([new BytesHandler($"/h/{i}", (_, _) => default)]))];
        await PassAsync(run, 1);
        handlers.ForEach(handler => handler.Dispose());
        await PassAsync(run, 1);
        changes.Dispose();
        await watching;

        Assert.Equal([0, 10, 0], told);
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Listening_goes_on_after_failures_to_accept(ulong seed) => SimulationRun.Replay(seed, async run =>
    {
        MemoryNetwork network = new();
        MemoryTransport memory = new(network, run.Scheduler);
        long started = run.Time.GetTimestamp();
        await using Libp2pNode starving = await Libp2pNode.StartAsync(node => node
            .Seams(run.Node("starving")).Transport(_ => new StarvingTransport(memory, failures: 12)).Listen("/memory/2"));
        await using Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", network);

        Assert.Equal(starving.PeerId, (await alice.ConnectAsync(starving.Addresses[0])).RemotePeer);
        Assert.InRange(run.Time.GetElapsedTime(started), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(8)); // it pauses, longer each time
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_direct_connection_is_preferred_to_a_relayed_one(ulong seed) => SimulationRun.Replay(seed, async run =>
    {
        MemoryNetwork network = new();
        Facets bobs = new(), alices = new();
        await using Libp2pNode bob = await SimulatedNodesTests.StartAsync(run, "bob", network, node => node.Listen("/memory/1").Use(bobs).Handle(ISay.Protocol, new Said()));
        await using Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", network, node => node.Use(alices));
        (MemoryLink ours, MemoryLink theirs) = MemoryLink.CreatePair(run.Scheduler, run.Scheduler, Multiaddress.Parse("/memory/7"), Multiaddress.Parse("/memory/8"));
        Task<IPeerConnection> adopting = bobs.Node.Dialer.AdoptAsync(
            new Relayed(theirs), new Adoption(Direction.Inbound, ExpectedPeer.Exactly(alice.PeerId)), default).AsTask();
        IPeerConnection relayed = await alices.Node.Dialer.AdoptAsync(
            new Relayed(ours), new Adoption(Direction.Outbound, ExpectedPeer.Exactly(bob.PeerId)), default);
        await adopting;
        DialRequest any = new() { ExpectedPeer = ExpectedPeer.Exactly(bob.PeerId) };

        Assert.Same(relayed, await alice.ConnectAsync(any));
        await Assert.ThrowsAsync<DialException>(() => alice.ConnectAsync(any with { AllowLimited = false }).AsTask()); // no address is known
        IPeerConnection direct = await alice.ConnectAsync(any with { ForceNew = true, Addresses = [Multiaddress.Parse("/memory/1")] });
        Assert.NotSame(relayed, direct);
        Assert.Same(direct, await alice.ConnectAsync(any));
        CallInfo info = new();
        await alice.Client(ISay.Protocol, bob.PeerId).SayAsync("hello", new CallContext(default, null, info));
        Assert.Same(direct, info.Connection);

        await direct.CloseAsync();
        Assert.Same(relayed, await alice.ConnectAsync(any));
        ISay ask = alice.Client(ISay.Protocol, bob.PeerId); // not allowed on a limited connection: dials
        await ask.SayAsync("hello", new CallContext(default, null, info));
        Assert.NotSame(relayed, info.Connection);
    });

    private static Task PassAsync(SimulationRun run, double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), run.Time);

    private sealed class Slow(SimulationRun run, TimeSpan takes) : ISay
    {
        public async ValueTask<string> SayAsync(string question, CallContext context = default)
        {
            await Task.Delay(takes, run.Time, context.CancellationToken);
            return $"{question}, in time";
        }
    }

    private sealed class Relayed(IByteLink link) : IByteLink
    {
        public System.IO.Pipelines.PipeReader Input => link.Input;

        public System.IO.Pipelines.PipeWriter Output => link.Output;

        public Multiaddress LocalAddress => link.LocalAddress;

        public Multiaddress RemoteAddress => link.RemoteAddress;

        public bool IsRelayed => true;

        public ConnectionLimit? Limit { get; } = new(1 << 20, null);

        public void Abort(EndReason reason) => link.Abort(reason);

        public ValueTask DisposeAsync() => link.DisposeAsync();
    }

    /// <summary>Fails to accept for a while, as a process does that has no file descriptors left.</summary>
    private sealed class StarvingTransport(MemoryTransport memory, int failures) : ILinkTransport
    {
        public string Name => "starving";

        public bool CanDial(Multiaddress address) => false;

        public bool CanListen(Multiaddress address) => memory.CanListen(address);

        public ValueTask<IByteLink> DialAsync(TransportDial dial, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public async ValueTask<ITransportListener<IByteLink>> ListenAsync(Multiaddress address, CancellationToken cancellationToken) =>
            new Listener(await memory.ListenAsync(address, cancellationToken), failures);

        private sealed class Listener(ITransportListener<IByteLink> listener, int failures) : ITransportListener<IByteLink>
        {
            private int _left = failures;

            public event Action? AddressesChanged
            {
                add { }
                remove { }
            }

            public IReadOnlyList<Multiaddress> Addresses => listener.Addresses;

            public ValueTask<IPendingConnection<IByteLink>?> AcceptAsync(CancellationToken cancellationToken) =>
                _left-- > 0 ? throw new IOException("Too many open files") : listener.AcceptAsync(cancellationToken);

            public ValueTask DisposeAsync() => listener.DisposeAsync();
        }
    }
}
