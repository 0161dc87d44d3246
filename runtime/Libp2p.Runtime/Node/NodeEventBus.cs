using System.Collections.Immutable;
using Libp2p.Node.State;
using Libp2p.Scheduling;

namespace Libp2p.Node;

/// <summary>Hands events to bounded subscriptions. Publishing never waits and runs nobody's code.</summary>
internal sealed class NodeEventBus : INodeEvents, IDisposable
{
    private readonly Lock _lock = new();
    private ImmutableArray<Sink> _sinks = [];
    private ImmutableArray<Func<IEnumerable<NodeEvent>>> _states = [];
    private bool _ended;

    public IEventSubscription<TEvent> Subscribe<TEvent>(int capacity = 256)
        where TEvent : NodeEvent
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Subscription<TEvent> subscription = new(this, capacity);
        lock (_lock)
        {
            if (_ended)
            {
                subscription.Complete();
                return subscription;
            }

            foreach (NodeEvent current in _states.SelectMany(state => state()))
            {
                subscription.Offer(current);
            }

            _sinks = _sinks.Add(subscription);
        }

        return subscription;
    }

    public void Publish(NodeEvent nodeEvent)
    {
        lock (_lock)
        {
            foreach (Sink sink in _sinks)
            {
                sink.Offer(nodeEvent);
            }
        }
    }

    public void Provide<TEvent>(Func<IEnumerable<TEvent>> current)
        where TEvent : NodeEvent
    {
        lock (_lock)
        {
            _states = _states.Add(current);
        }
    }

    /// <summary>The subscriptions, oldest first.</summary>
    public IReadOnlyList<SubscriptionState> Describe()
    {
        lock (_lock)
        {
            return [.. _sinks.Select(sink => sink.Describe())];
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _ended = true;
            foreach (Sink sink in _sinks)
            {
                sink.Complete();
            }

            _sinks = [];
        }
    }

    private abstract class Sink
    {
        public abstract void Offer(NodeEvent nodeEvent);

        public abstract void Complete();

        public abstract SubscriptionState Describe();
    }

    private sealed class Subscription<TEvent>(NodeEventBus bus, int capacity) : Sink, IEventSubscription<TEvent>
        where TEvent : NodeEvent
    {
        private readonly BoundedQueue<TEvent> _events = new(capacity);
        private long _missed;

        public long Missed => Volatile.Read(ref _missed);

        public override void Offer(NodeEvent nodeEvent)
        {
            if (nodeEvent is TEvent wanted && _events.EnqueueDroppingOldest(wanted))
            {
                Interlocked.Increment(ref _missed);
            }
        }

        public override void Complete() => _events.Complete();

        public override SubscriptionState Describe() => new(typeof(TEvent).Name, _events.Count, capacity, Missed);

        public async IAsyncEnumerator<TEvent> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        {
            while (await _events.DequeueAsync(cancellationToken) is { HasItem: true, Item: { } next })
            {
                yield return next;
            }
        }

        public void Dispose()
        {
            lock (bus._lock)
            {
                bus._sinks = bus._sinks.Remove(this);
            }

            Complete();
        }
    }
}
