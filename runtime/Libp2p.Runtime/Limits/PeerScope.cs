using Libp2p.Connections;

namespace Libp2p.Limits;

/// <summary>One peer: its connections, its streams, and the bounds of its streams by operation and direction. Thread-safe.</summary>
/// <param name="peer">The peer.</param>
/// <param name="system">The scope above.</param>
/// <param name="limits">The node's ceilings.</param>
internal sealed class PeerScope(PeerId peer, CountingScope system, ResourceLimits limits)
    : CountingScope(ResourceScopeKind.Peer, peer.ToString(), system, limits.MemoryPerPeer, limits.StreamsPerPeer, limits.ConnectionsPerPeer)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<BoundKey, StreamBound> _bounds = [];

    public PeerId Peer => peer;

    /// <summary>The bounds that have streams or waiters, in no order.</summary>
    public IReadOnlyList<StreamBoundUsage> Bounds
    {
        get
        {
            lock (_lock)
            {
                return [.. _bounds.Values.Select(bound => bound.Usage)];
            }
        }
    }

    /// <summary>Takes a place for a stream, if there is one or an older stream gives its own up.</summary>
    /// <param name="place">The stream's; given back with <see cref="Leave"/>.</param>
    /// <param name="key">The bound.</param>
    /// <param name="limit">Streams that may have a place.</param>
    /// <param name="replacesOldest">Whether an older stream makes room.</param>
    /// <param name="replaced">The stream that made room, to be reset.</param>
    public bool TryEnter(StreamPlace place, in BoundKey key, int limit, bool replacesOldest, out StreamPlace? replaced)
    {
        lock (_lock)
        {
            StreamBound bound = Find(key, limit);
            bool isIn = bound.TryEnter(place, replacesOldest, out replaced);
            RemoveIfEmpty(bound);
            return isIn;
        }
    }

    /// <summary>Takes a place, or a place in the queue for one: the task then completes when the stream has its place.</summary>
    public Task EnterOrWait(StreamPlace place, in BoundKey key, int limit)
    {
        lock (_lock)
        {
            StreamBound bound = Find(key, limit);
            return bound.TryEnter(place, replacesOldest: false, out _) ? Task.CompletedTask : bound.Wait(place);
        }
    }

    /// <summary>Whether a stream would have to wait for a place.</summary>
    public bool IsFull(in BoundKey key)
    {
        lock (_lock)
        {
            return _bounds.TryGetValue(key, out StreamBound? bound) && bound.IsFull;
        }
    }

    /// <summary>Gives a place back, or a place in the queue. Idempotent.</summary>
    public void Leave(StreamPlace place)
    {
        lock (_lock)
        {
            if (place.Bound is { } bound)
            {
                bound.Leave(place);
                RemoveIfEmpty(bound);
            }
        }
    }

    private StreamBound Find(in BoundKey key, int limit)
    {
        if (!_bounds.TryGetValue(key, out StreamBound? bound))
        {
            _bounds[key] = bound = new StreamBound(key, limit);
        }

        return bound;
    }

    private void RemoveIfEmpty(StreamBound bound)
    {
        if (bound.IsEmpty)
        {
            _bounds.Remove(bound.Key);
        }
    }
}

/// <summary>What is counted together.</summary>
/// <param name="Direction">Which end opens the streams.</param>
/// <param name="Subject">The handler, or the operation's first id.</param>
/// <param name="Operation">Which of the operations that share the subject; null where it has one.</param>
internal readonly record struct BoundKey(Direction Direction, object Subject, string? Operation);

/// <summary>The use of one bound at one moment.</summary>
internal readonly record struct StreamBoundUsage(BoundKey Key, ProtocolId? Protocol, int Limit, int Open, int Waiting);
