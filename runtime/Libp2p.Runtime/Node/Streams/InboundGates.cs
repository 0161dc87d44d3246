using System.Diagnostics.CodeAnalysis;
using Libp2p.Node.State;

namespace Libp2p.Node.Streams;

/// <summary>
/// Holds the number of streams of one operation that a peer has open towards us, over all its connections and all the operation's
/// ids, within its bound: refuses, waits or replaces, as declared. Who waits is bounded by the connection's streams in negotiation.
/// </summary>
internal sealed class InboundGates
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(PeerId Peer, StreamHandler Handler), Gate> _gates = [];

    /// <summary>Takes a place at once, if there is one or an older stream is to make room.</summary>
    /// <exception cref="LimitExceededException">The gate is full and refuses.</exception>
    public bool TryEnter(PeerId peer, StreamHandler handler, P2PStream stream, [NotNullWhen(true)] out IDisposable? place)
    {
        P2PStream? replaced = null;
        lock (_lock)
        {
            Gate gate = GateOf(peer, handler);
            if (gate.Places.Count >= handler.Limits.InboundPerPeer)
            {
                switch (handler.Limits.WhenFull)
                {
                    case WhenFull.Wait:
                        place = null;
                        return false;
                    case WhenFull.ReplaceOldest when gate.Places.Count > 0:
                        replaced = gate.TakeOldest();
                        break;
                    default:
                        gate.RemoveIfEmpty();
                        throw new LimitExceededException(
                            $"{peer} has {handler.Limits.InboundPerPeer} inbound streams of {stream.Protocol}, as many as it may");
                }
            }

            place = gate.Take(stream);
        }

        replaced?.Reset(new EndReason(EndedBy.Limit, ErrorCode.Supplanted, $"{replaced.Protocol}: a newer stream took its place"));
        return true;
    }

    /// <summary>Waits for a place, in the order of arrival.</summary>
    public async ValueTask<IDisposable> EnterAsync(PeerId peer, StreamHandler handler, P2PStream stream, CancellationToken cancellationToken)
    {
        Waiter waiter = new(stream);
        Gate gate;
        lock (_lock)
        {
            gate = GateOf(peer, handler);
            if (gate.Places.Count < handler.Limits.InboundPerPeer)
            {
                return gate.Take(stream);
            }

            gate.Waiters.Add(waiter);
        }

        try
        {
            using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
                static (state, token) => ((Waiter)state!).Entered.TrySetCanceled(token), waiter);
            return await waiter.Entered.Task;
        }
        catch (OperationCanceledException)
        {
            lock (_lock)
            {
                gate.Waiters.Remove(waiter);
                gate.RemoveIfEmpty();
            }

            throw;
        }
    }

    /// <summary>The gates, in no order.</summary>
    public IReadOnlyList<InboundGateState> Describe()
    {
        lock (_lock)
        {
            return [.. _gates.Select(gate => new InboundGateState(
                gate.Key.Peer, gate.Value.Protocol, gate.Key.Handler.Limits.InboundPerPeer, gate.Value.Places.Count, gate.Value.Waiters.Count))];
        }
    }

    private Gate GateOf(PeerId peer, StreamHandler handler)
    {
        if (!_gates.TryGetValue((peer, handler), out Gate? gate))
        {
            _gates[(peer, handler)] = gate = new Gate(this, (peer, handler));
        }

        return gate;
    }

    private sealed record Waiter(P2PStream Stream)
    {
        public TaskCompletionSource<IDisposable> Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>The streams of one peer and operation. All of it under the lock.</summary>
    private sealed class Gate(InboundGates gates, (PeerId, StreamHandler Handler) key)
    {
        /// <summary>The first id of the operation; of one that has none but a predicate, that of a stream.</summary>
        public ProtocolId? Protocol => key.Handler.Ids is [ProtocolId first, ..] ? first
            : Places.Count > 0 ? Places[0].Stream.Protocol
            : Waiters.Count > 0 ? Waiters[0].Stream.Protocol
            : null;

        /// <summary>The oldest first.</summary>
        public List<Place> Places { get; } = [];

        public List<Waiter> Waiters { get; } = [];

        public Place Take(P2PStream stream)
        {
            Place place = new(gates, this, stream);
            Places.Add(place);
            return place;
        }

        /// <summary>The oldest that is idle between two exchanges, else the oldest, gives its place up.</summary>
        public P2PStream TakeOldest()
        {
            Place oldest = Places.Find(place => place.Stream.IsBetweenExchanges) ?? Places[0];
            Places.Remove(oldest);
            return oldest.Stream;
        }

        public void Leave(Place place)
        {
            if (Places.Remove(place))
            {
                while (Waiters.Count > 0)
                {
                    Waiter next = Waiters[0];
                    Waiters.RemoveAt(0);
                    Place taken = Take(next.Stream);
                    if (next.Entered.TrySetResult(taken))
                    {
                        return;
                    }

                    Places.Remove(taken); // it gave up waiting
                }
            }

            RemoveIfEmpty();
        }

        /// <summary>Leaves the table when nothing is left of it. One that has left before may have had a successor since, which stays.</summary>
        public void RemoveIfEmpty()
        {
            if (Places.Count == 0 && Waiters.Count == 0 && gates._gates.TryGetValue(key, out Gate? current) && current == this)
            {
                gates._gates.Remove(key);
            }
        }
    }

    private sealed class Place(InboundGates gates, Gate gate, P2PStream stream) : IDisposable
    {
        public P2PStream Stream { get; } = stream;

        public void Dispose()
        {
            lock (gates._lock)
            {
                gate.Leave(this);
            }
        }
    }
}
