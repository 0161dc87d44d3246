using Libp2p.Connections;
using Libp2p.Node.State;
using Libp2p.Scheduling;

namespace Libp2p.Node.Streams;

/// <summary>Holds the number of our streams of one operation towards one peer within its bound: waits or refuses, as declared.</summary>
internal sealed class OutboundGates
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(PeerId Peer, ProtocolId Protocol, string? Operation), Gate> _gates = [];

    /// <summary>Enters; the result leaves when it is disposed of.</summary>
    /// <exception cref="LimitExceededException">The gate is full and refuses.</exception>
    public async ValueTask<IDisposable> EnterAsync(PeerId peer, StreamRequest request, CancellationToken cancellationToken)
    {
        (PeerId, ProtocolId, string?) key = (peer, request.Protocols[0], request.Operation);
        Gate gate;
        lock (_lock)
        {
            if (!_gates.TryGetValue(key, out gate!))
            {
                _gates[key] = gate = new Gate(request.Limits.OutboundPerPeer);
            }

            gate.Users++;
        }

        try
        {
            if (!gate.Places.TryEnqueue(true))
            {
                if (request.Limits.WhenFull == WhenFull.Refuse)
                {
                    throw new LimitExceededException(
                        $"{request.Limits.OutboundPerPeer} streams of {request.Protocols[0]} are open towards {peer}, as many as may");
                }

                await gate.Places.EnqueueAsync(true, cancellationToken);
            }
        }
        catch
        {
            Leave(key, gate);
            throw;
        }

        return new Place(this, key, gate);
    }

    /// <summary>The gates, in no order.</summary>
    public IReadOnlyList<OutboundGateState> Describe()
    {
        lock (_lock)
        {
            return [.. _gates.Select(gate => new OutboundGateState(
                gate.Key.Peer, gate.Key.Protocol, gate.Key.Operation, gate.Value.Limit, gate.Value.Places.Count, Math.Max(0, gate.Value.Users - gate.Value.Places.Count)))];
        }
    }

    /// <summary>Whether a stream would have to wait.</summary>
    public bool IsFull(PeerId peer, StreamRequest request)
    {
        lock (_lock)
        {
            return _gates.TryGetValue((peer, request.Protocols[0], request.Operation), out Gate? gate) && gate.Users >= request.Limits.OutboundPerPeer;
        }
    }

    private void Leave((PeerId, ProtocolId, string?) key, Gate gate)
    {
        lock (_lock)
        {
            if (--gate.Users == 0)
            {
                _gates.Remove(key);
            }
        }
    }

    private sealed class Gate(int places)
    {
        /// <summary>An item for each stream that is open: a full queue lets the next one wait.</summary>
        public BoundedQueue<bool> Places { get; } = new(places);

        public int Limit => places;

        public int Users { get; set; }
    }

    private sealed class Place(OutboundGates gates, (PeerId, ProtocolId, string?) key, Gate gate) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                gate.Places.TryDequeue(out _);
                gates.Leave(key, gate);
            }
        }
    }
}
