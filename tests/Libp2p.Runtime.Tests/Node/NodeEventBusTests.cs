using Libp2p.Connections;
using Libp2p.Node;

namespace Libp2p.Tests.Host;

/// <summary>What a new subscriber is told of the state, and when.</summary>
public sealed class NodeEventBusTests : IDisposable
{
    private static readonly Multiaddress s_one = Multiaddress.Parse("/memory/1");
    private static readonly Multiaddress s_two = Multiaddress.Parse("/memory/2");

    private readonly NodeEventBus _bus = new();

    public void Dispose() => _bus.Dispose();

    [Fact]
    public async Task A_new_subscriber_gets_the_whole_state_whatever_its_capacity()
    {
        _bus.Provide(() => Enumerable.Range(0, 100).Select(i => new AddressesChanged([Multiaddress.Parse($"/memory/{i}")])));
        using IEventSubscription<AddressesChanged> subscription = _bus.Subscribe<AddressesChanged>(capacity: 1);
        _bus.Publish(new AddressesChanged([s_one]));

        Assert.Equal(101, (await ReadAsync(subscription)).Count);
        Assert.Equal(0, subscription.Missed);
    }

    [Fact]
    public async Task The_state_is_read_without_a_lock_and_what_is_published_meanwhile_follows_it()
    {
        _bus.Provide<AddressesChanged>(() =>
        {
            Thread other = new(() => _bus.Publish(new AddressesChanged([s_two]))); // would wait for a lock for ever
            other.Start();
            other.Join();
            return [new AddressesChanged([s_one])];
        });
        using IEventSubscription<AddressesChanged> subscription = _bus.Subscribe<AddressesChanged>();

        Assert.Equal([s_one, s_two], (await ReadAsync(subscription)).Select(told => told.Addresses[0]));
    }

    [Fact]
    public async Task What_the_state_tells_already_is_not_told_again()
    {
        ProtocolsChanged change = new([]);
        _bus.Provide<ProtocolsChanged>(() =>
        {
            _bus.Publish(change);
            return [change];
        });
        using IEventSubscription<ProtocolsChanged> subscription = _bus.Subscribe<ProtocolsChanged>();

        Assert.Same(change, Assert.Single(await ReadAsync(subscription)));
    }

    [Fact]
    public async Task Only_the_state_that_is_wanted_is_read_and_one_that_fails_costs_itself()
    {
        _bus.Provide<ProtocolsChanged>(() => throw new InvalidOperationException("a service's own"));
        _bus.Provide<AddressesChanged>(() => [new AddressesChanged([s_one])]);

        using IEventSubscription<AddressesChanged> some = _bus.Subscribe<AddressesChanged>();
        using IEventSubscription<NodeEvent> all = _bus.Subscribe<NodeEvent>();

        Assert.Single(await ReadAsync(some));
        Assert.Single(await ReadAsync(all));
        Assert.Equal((0, 1), (some.Missed, all.Missed));
    }

    [Fact]
    public async Task Open_connections_and_the_protocols_of_their_peers_are_a_state_and_ended_ones_are_not()
    {
        await using NodePair nodes = await NodePair.ConnectAsync(_ => { });
        IPeerConnection connection = nodes.Connection;
        PeerProtocolsChanged told = new(nodes.Listener.PeerId, ["/a"]);
        nodes.Dialer.Events.Publish(new PeerProtocolsChanged(nodes.Listener.PeerId, []));
        nodes.Dialer.Events.Publish(told);
        nodes.Dialer.Events.Publish(new PeerProtocolsChanged(nodes.Dialer.PeerId, ["/b"])); // of a peer that is not connected

        using IEventSubscription<NodeEvent> all = nodes.Dialer.Events.Subscribe<NodeEvent>();
        using IEventSubscription<ConnectionClosed> ending = nodes.Dialer.Events.Subscribe<ConnectionClosed>();
        await connection.CloseAsync();
        await foreach (ConnectionClosed _ in ending)
        {
            break;
        }

        using IEventSubscription<NodeEvent> later = nodes.Dialer.Events.Subscribe<NodeEvent>();
        await nodes.Dialer.DisposeAsync();
        List<NodeEvent> before = await RestAsync(all);
        List<NodeEvent> after = await RestAsync(later);

        Assert.Equal(connection, Assert.Single(before.OfType<ConnectionOpened>()).Connection);
        Assert.Same(told, Assert.Single(before.OfType<PeerProtocolsChanged>()));
        Assert.Single(before.OfType<ConnectionClosed>());
        Assert.DoesNotContain(after, one => one is ConnectionOpened or PeerProtocolsChanged or ConnectionClosed);
    }

    [Fact]
    public async Task Addresses_and_protocols_of_the_node_are_a_state()
    {
        await using NodePair nodes = await NodePair.ConnectAsync(_ => { });
        using IEventSubscription<AddressesChanged> addresses = nodes.Listener.Events.Subscribe<AddressesChanged>();
        using IEventSubscription<ProtocolsChanged> protocols = nodes.Listener.Events.Subscribe<ProtocolsChanged>();

        Assert.Equal(nodes.Listener.Addresses.Select(address => address.WithoutPeer()), (await ReadAsync(addresses)).Single().Addresses);
        Assert.Equal(nodes.Listener.Handlers.Protocols, (await ReadAsync(protocols)).Single().Protocols);
    }

    [Fact]
    public async Task After_the_node_subscriptions_end_and_no_more_are_made()
    {
        IEventSubscription<NodeEvent> subscription = _bus.Subscribe<NodeEvent>();
        _bus.Dispose();
        _bus.Publish(new ProtocolsChanged([]));

        Assert.Empty(await RestAsync(subscription));
        Assert.Equal(nameof(Libp2pNode), Assert.Throws<ObjectDisposedException>(() => _bus.Subscribe<NodeEvent>()).ObjectName);
        subscription.Dispose();
    }

    // What is there now: the subscription is disposed of, and what waits may still be read.
    private static async Task<List<TEvent>> ReadAsync<TEvent>(IEventSubscription<TEvent> subscription)
        where TEvent : NodeEvent
    {
        subscription.Dispose();
        return await RestAsync(subscription);
    }

    private static async Task<List<TEvent>> RestAsync<TEvent>(IEventSubscription<TEvent> subscription)
        where TEvent : NodeEvent
    {
        List<TEvent> told = [];
        await foreach (TEvent one in subscription)
        {
            told.Add(one);
        }

        return told;
    }
}
