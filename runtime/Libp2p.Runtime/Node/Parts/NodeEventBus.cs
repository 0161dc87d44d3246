using System.Collections.Immutable;
using Libp2p.Node.State;
using Libp2p.Scheduling;

namespace Libp2p.Node;

/// <summary>
/// Hands events to bounded subscriptions. Publishing never waits and runs no code of others; what tells the current state to a new
/// subscriber runs without a lock.
/// </summary>
internal sealed class NodeEventBus : INodeEvents, IDisposable
{
    private readonly Lock _lock = new();
    private readonly ConnectedState _connected = new();
    private ImmutableArray<Sink> _sinks = [];
    private ImmutableArray<(Type Tells, Func<IEnumerable<NodeEvent>> Current)> _states = [];
    private bool _ended;

    public IEventSubscription<TEvent> Subscribe<TEvent>(int capacity = 256)
        where TEvent : NodeEvent
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Subscription<TEvent> subscription = new(this, capacity);
        ImmutableArray<(Type Tells, Func<IEnumerable<NodeEvent>> Current)> states;
        lock (_lock)
        {
            if (_ended)
            {
                throw new ObjectDisposedException(nameof(Libp2pNode), "The node has ended, and no more events come.");
            }

            subscription.Tell(_connected.Current);
            _sinks = _sinks.Add(subscription);
            states = _states;
        }

        // What is published from here on waits behind the state.
        subscription.Begin(states.Where(static state => typeof(TEvent).IsAssignableFrom(state.Tells)).Select(static state => state.Current));
        return subscription;
    }

    public void Publish(NodeEvent nodeEvent)
    {
        lock (_lock)
        {
            if (_ended)
            {
                return;
            }

            _connected.Observe(nodeEvent);
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
            _states = _states.Add((typeof(TEvent), current));
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
        private readonly Queue<TEvent> _state = []; // as large as the state is: bounded by what it tells of
        private Queue<TEvent>? _early = []; // published while the state was read; null when that is over
        private long _missed;

        public long Missed => Volatile.Read(ref _missed);

        /// <summary>Takes what is wanted of a state.</summary>
        public void Tell(IEnumerable<NodeEvent> state)
        {
            foreach (TEvent current in state.OfType<TEvent>())
            {
                _state.Enqueue(current);
            }
        }

        /// <summary>Reads the state of services, and lets what was published meanwhile follow it, unless the state tells the same.</summary>
        public void Begin(IEnumerable<Func<IEnumerable<NodeEvent>>> states)
        {
            foreach (Func<IEnumerable<NodeEvent>> state in states)
            {
                try
                {
                    Tell(state());
                }
                catch (Exception) // a service's: its failure costs its own state, which counts as missed
                {
                    Interlocked.Increment(ref _missed);
                }
            }

            lock (bus._lock)
            {
                foreach (TEvent early in _early!)
                {
                    if (!_state.Contains(early))
                    {
                        Enqueue(early);
                    }
                }

                _early = null;
            }
        }

        public override void Offer(NodeEvent nodeEvent)
        {
            if (nodeEvent is not TEvent wanted)
            {
                return;
            }

            if (_early is null)
            {
                Enqueue(wanted);
                return;
            }

            _early.Enqueue(wanted);
            if (_early.Count > capacity)
            {
                _early.Dequeue();
                Interlocked.Increment(ref _missed);
            }
        }

        public override void Complete() => _events.Complete();

        public override SubscriptionState Describe() => new(typeof(TEvent).Name, _events.Count, capacity, Missed);

        public async IAsyncEnumerator<TEvent> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        {
            while (_state.TryDequeue(out TEvent? current))
            {
                yield return current;
            }

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

        private void Enqueue(TEvent wanted)
        {
            if (_events.EnqueueDroppingOldest(wanted))
            {
                Interlocked.Increment(ref _missed);
            }
        }
    }
}
