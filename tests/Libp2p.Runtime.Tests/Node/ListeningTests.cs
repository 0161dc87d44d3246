using Libp2p.Connections;
using Libp2p.Simulation;
using Libp2p.TestKit.Telemetry;
using Libp2p.Transports;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Host;

/// <summary>Where a node listens, and that it says so no longer than it does.</summary>
public sealed class ListeningTests
{
    private static readonly Multiaddress s_first = Multiaddress.Parse("/ip4/192.0.2.1/tcp/1");
    private static readonly Multiaddress s_second = Multiaddress.Parse("/ip4/192.0.2.1/tcp/2");

    [Fact]
    public void A_listener_that_comes_while_the_node_ends_is_ended_too() => SimulationRun.Replay(1, async run =>
    {
        Told transport = new();
        Libp2pNode node = await SimulatedNodesTests.StartAsync(run, "alice", new MemoryNetwork(), node => node.Transport(_ => transport));
        Told.Listener slow = await ListenAsync(node, transport, s_first);
        TaskCompletionSource release = slow.EndsWhen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<Told.Listener> late = transport.NextAsync(); // it is not there yet
        Task listening = node.ListenAsync(s_second).AsTask();

        Task ending = node.DisposeAsync().AsTask();
        await slow.Ending.Task;
        Told.Listener second = transport.Give(s_second);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => listening);
        Assert.Same(second, await late);
        Assert.True(second.Ending.Task.IsCompleted);
        Assert.False(ending.IsCompleted);
        release.SetResult();
        await ending;

        Assert.Empty(node.GetState().Listening);
        Assert.Equal(0, node.RunningTasks);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_listener_that_ends_by_itself_is_announced_no_more_and_its_failure_is_told(bool fails) => SimulationRun.Replay(1, async run =>
    {
        Told transport = new();
        using LogProbe log = new();
        await using Libp2pNode node = await SimulatedNodesTests.StartAsync(run, "alice", new MemoryNetwork(), node => node.Transport(_ => transport).Logging(log));
        Told.Listener first = await ListenAsync(node, transport, s_first);
        await ListenAsync(node, transport, s_second);
        using IEventSubscription<AddressesChanged> changes = node.Events.Subscribe<AddressesChanged>();
        await using IAsyncEnumerator<AddressesChanged> changed = changes.GetAsyncEnumerator();
        Assert.True(await changed.MoveNextAsync());
        Assert.Equal([s_first, s_second], changed.Current.Addresses); // a new subscriber gets the current state

        first.End(fails ? new InvalidOperationException("a bug") : null);

        Assert.True(await changed.MoveNextAsync());
        Assert.Equal([s_second], changed.Current.Addresses);
        Assert.Equal([s_second], node.GetState().Listening);
        Assert.Equal([s_second.WithPeer(node.PeerId)], node.Addresses);
        Assert.True(first.Ending.Task.IsCompleted);
        Assert.Contains(log.Events, logged => logged.Id == 1011 && logged.Text.Contains(s_first.ToString(), StringComparison.Ordinal));
        await node.DisposeAsync();
        Assert.Single(log.Events, logged => logged.Id == 1011); // the other one ended with the node
    });

    [Fact]
    public void While_streams_are_drained_no_address_is_announced() => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        Facets facets = new();
        Libp2pNode bob = await SimulatedNodesTests.StartAsync(
            run, "bob", network, node => node.Listen("/memory/1").Use(facets).Handle(BytesHandler.Echo));
        await using Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", network);
        using IDisposable mapped = facets.Node.Addresses.Announce(s_second);
        P2PStream open = await (await alice.ConnectAsync(bob.Addresses[0])).OpenStreamAsync(new StreamRequest(["/bytes/echo"]), CancellationToken.None);
        using IEventSubscription<AddressesChanged> changes = bob.Events.Subscribe<AddressesChanged>();
        await using IAsyncEnumerator<AddressesChanged> changed = changes.GetAsyncEnumerator();
        Assert.True(await changed.MoveNextAsync());
        Assert.Equal([Multiaddress.Parse("/memory/1"), s_second], facets.Node.Addresses.Announced);

        Task stopping = bob.StopAsync();
        Assert.True(await changed.MoveNextAsync());

        Assert.Empty(changed.Current.Addresses);
        Assert.Empty(facets.Node.Addresses.Announced);
        Assert.Empty(bob.Addresses);
        Assert.False(stopping.IsCompleted);
        await open.DisposeAsync();
        await stopping;
    });

    private static async Task<Told.Listener> ListenAsync(Libp2pNode node, Told transport, Multiaddress address)
    {
        Task<Told.Listener> next = transport.NextAsync();
        Task listening = node.ListenAsync(address).AsTask();
        transport.Give(address);
        await listening;
        return await next;
    }

    /// <summary>A transport whose listeners come, end and fail when a test says so.</summary>
    private sealed class Told : ILinkTransport
    {
        private TaskCompletionSource<Listener> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => "told";

        public bool CanDial(Multiaddress address) => false;

        public bool CanListen(Multiaddress address) => address == s_first || address == s_second;

        public Task<Listener> NextAsync() => (_next = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public Listener Give(Multiaddress address)
        {
            Listener listener = new(address);
            _next.SetResult(listener);
            return listener;
        }

        public ValueTask<IByteLink> DialAsync(TransportDial dial, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public async ValueTask<ITransportListener<IByteLink>> ListenAsync(Multiaddress address, CancellationToken cancellationToken) => await _next.Task;

        internal sealed class Listener(Multiaddress address) : ITransportListener<IByteLink>
        {
            private readonly TaskCompletionSource<IPendingConnection<IByteLink>?> _accepting = new(TaskCreationOptions.RunContinuationsAsynchronously);

            public TaskCompletionSource Ending { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

            public TaskCompletionSource? EndsWhen { get; set; }

            public event Action? AddressesChanged
            {
                add { }
                remove { }
            }

            public IReadOnlyList<Multiaddress> Addresses => [address];

            public void End(Exception? failure)
            {
                _ = failure is null ? _accepting.TrySetResult(null) : _accepting.TrySetException(failure);
            }

            public async ValueTask<IPendingConnection<IByteLink>?> AcceptAsync(CancellationToken cancellationToken) => await _accepting.Task;

            public async ValueTask DisposeAsync()
            {
                Ending.TrySetResult();
                if (EndsWhen is { } release)
                {
                    await release.Task;
                }

                End(null);
            }
        }
    }
}
