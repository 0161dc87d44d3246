using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Libp2p.Node.Connections;

/// <summary>
/// The open connections of a node by peer, in the order they came to be. Looking up takes no lock; changing is its owner's, one at a time.
/// </summary>
internal sealed class OpenConnections
{
    private readonly ConcurrentDictionary<PeerId, ImmutableArray<PeerConnection>> _byPeer = new();
    private readonly List<PeerConnection> _all = []; // its own lock, so that a snapshot can be taken beside a change

    /// <summary>All of them.</summary>
    public IReadOnlyList<PeerConnection> All
    {
        get
        {
            lock (_all)
            {
                return [.. _all];
            }
        }
    }

    public void Add(PeerConnection connection)
    {
        lock (_all)
        {
            _all.Add(connection);
        }

        _byPeer[connection.RemotePeer] = Of(connection.RemotePeer).Add(connection);
    }

    public void Remove(PeerConnection connection)
    {
        lock (_all)
        {
            _all.Remove(connection);
        }

        ImmutableArray<PeerConnection> left = Of(connection.RemotePeer).Remove(connection);
        if (left.IsEmpty)
        {
            _byPeer.TryRemove(connection.RemotePeer, out _);
        }
        else
        {
            _byPeer[connection.RemotePeer] = left;
        }
    }

    /// <summary>Those with one peer.</summary>
    public ImmutableArray<PeerConnection> Of(PeerId peer) => _byPeer.TryGetValue(peer, out ImmutableArray<PeerConnection> connections) ? connections : [];

    /// <summary>The best one with a peer that takes streams: direct before relayed, that before limited, then the newest.</summary>
    public PeerConnection? Best(PeerId peer, bool allowLimited)
    {
        PeerConnection? best = null;
        int bestRank = allowLimited ? 3 : 2;
        ImmutableArray<PeerConnection> connections = Of(peer);
        for (int i = connections.Length - 1; i >= 0; i--)
        {
            PeerConnection connection = connections[i];
            int rank = !connection.IsRelayed ? 0 : connection.Limit is null ? 1 : 2;
            if (rank < bestRank && connection.TakesStreams && !connection.IsIsolated)
            {
                (best, bestRank) = (connection, rank);
            }
        }

        return best;
    }
}
