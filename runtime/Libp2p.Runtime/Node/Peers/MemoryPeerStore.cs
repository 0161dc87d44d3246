using System.Runtime.CompilerServices;

namespace Libp2p.Node.Peers;

/// <summary>
/// What is known of peers, in memory. At most <paramref name="maxPeers"/> peers that the application does not rely on, and
/// <paramref name="maxAddresses"/> addresses of each. The peer that was longest untouched is evicted for a new one, unless it is
/// protected or has a configured address; where only such peers are left, a peer that is neither is not stored.
/// </summary>
internal sealed class MemoryPeerStore(TimeProvider time, int maxPeers = 4096, int maxAddresses = 64) : IPeerStore, IDisposable
{
    private const int MaxProtocols = 1024;
    private const int MaxEvictionSteps = 32; // peers that are looked at to make room for one, since a remote chooses how often

    private readonly Lock _lock = new();
    private readonly Dictionary<PeerId, LinkedListNode<StoredPeer>> _peers = [];
    private readonly LinkedList<StoredPeer> _byUse = new(); // the last is the one touched last
    private readonly Dictionary<PeerId, int> _protected = []; // leases; bounded by what takes them: connections, and the application
    private bool _isDisposed;

    public ValueTask<PeerInfo?> GetAsync(PeerId peer, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ThrowIfDisposed();
            return ValueTask.FromResult(_peers.TryGetValue(peer, out LinkedListNode<StoredPeer>? node)
                ? node.Value.Describe(time.GetTimestamp(), _protected.ContainsKey(peer))
                : null);
        }
    }

    public ValueTask AddAddressesAsync(
        PeerId peer, IReadOnlyList<Multiaddress> addresses, AddressSource source, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        ThrowIfNegative(lifetime);
        lock (_lock)
        {
            ThrowIfDisposed();
            SourceWord word = new(time.GetTimestamp(), lifetime);
            if (word.IsSpoken && addresses.Count > 0 && Touch(peer, isConfigured: source == AddressSource.Configured) is { } known)
            {
                known.Add(addresses, source, word, _protected.ContainsKey(peer));
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> SetRecordAsync(
        PeerId peer, ulong sequence, IReadOnlyList<Multiaddress> addresses, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        ThrowIfNegative(lifetime);
        lock (_lock)
        {
            ThrowIfDisposed();
            SourceWord word = new(time.GetTimestamp(), lifetime);
            return ValueTask.FromResult(
                Touch(peer, isConfigured: false) is not { } known
                || known.TrySetRecord(sequence, addresses, word, _protected.ContainsKey(peer)));
        }
    }

    public IDisposable Protect(PeerId peer)
    {
        lock (_lock)
        {
            ThrowIfDisposed();
            _protected[peer] = _protected.GetValueOrDefault(peer) + 1;
        }

        return new Protection(this, peer);
    }

    public ValueTask SetProtocolsAsync(PeerId peer, IReadOnlyList<ProtocolId> protocols, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ThrowIfDisposed();
            if (Touch(peer, isConfigured: false) is { } known)
            {
                known.Protocols = [.. protocols.Take(MaxProtocols)];
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask RemoveAsync(PeerId peer, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ThrowIfDisposed();
            if (_peers.Remove(peer, out LinkedListNode<StoredPeer>? node))
            {
                _byUse.Remove(node);
            }
        }

        return ValueTask.CompletedTask;
    }

    public async IAsyncEnumerable<PeerInfo> GetAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<PeerId> peers;
        lock (_lock)
        {
            ThrowIfDisposed();
            peers = [.. _byUse.Select(known => known.Peer)];
        }

        foreach (PeerId peer in peers)
        {
            if (await GetAsync(peer, cancellationToken) is { } info)
            {
                yield return info;
            }
        }
    }

    /// <summary>Forgets everything: the node that the store belongs to has ended. Leases may be disposed of later.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _peers.Clear();
            _byUse.Clear();
            _protected.Clear();
        }
    }

    private static void ThrowIfNegative(TimeSpan lifetime)
    {
        if (lifetime < TimeSpan.Zero && lifetime != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(nameof(lifetime), lifetime, "A lifetime is not negative; Timeout.InfiniteTimeSpan is for ever.");
        }
    }

    private void ThrowIfDisposed()
    {
        if (_isDisposed)
        {
            throw new ObjectDisposedException(nameof(Libp2pNode), "The node has ended, and its peer store with it.");
        }
    }

    /// <summary>The entry of a peer, as the one used last; null where there is no room for it.</summary>
    private StoredPeer? Touch(PeerId peer, bool isConfigured)
    {
        if (_peers.TryGetValue(peer, out LinkedListNode<StoredPeer>? node))
        {
            _byUse.Remove(node);
        }
        else if (HasRoom() || isConfigured || _protected.ContainsKey(peer))
        {
            _peers[peer] = node = new LinkedListNode<StoredPeer>(new StoredPeer(peer, time, maxAddresses));
        }
        else
        {
            return null;
        }

        _byUse.AddLast(node);
        return node.Value;
    }

    /// <summary>
    /// Evicts until one more fits. Peers that are not evicted count as touched, so that the next search goes on behind them instead of
    /// looking at them again.
    /// </summary>
    private bool HasRoom()
    {
        long now = time.GetTimestamp();
        for (int steps = 0; _peers.Count >= maxPeers && steps < MaxEvictionSteps && _byUse.First is { } oldest; steps++)
        {
            _byUse.RemoveFirst();
            if (_protected.ContainsKey(oldest.Value.Peer) || oldest.Value.IsConfigured(now))
            {
                _byUse.AddLast(oldest);
            }
            else
            {
                _peers.Remove(oldest.Value.Peer);
            }
        }

        return _peers.Count < maxPeers;
    }

    private void Unprotect(PeerId peer)
    {
        lock (_lock)
        {
            if (!_protected.TryGetValue(peer, out int leases))
            {
                return; // the store has ended
            }

            if (leases > 1)
            {
                _protected[peer] = leases - 1;
                return;
            }

            _protected.Remove(peer);
            if (_peers.TryGetValue(peer, out LinkedListNode<StoredPeer>? node))
            {
                node.Value.Unprotect(time.GetTimestamp());
                _byUse.Remove(node);
                _byUse.AddLast(node);
            }
        }
    }

    private sealed class Protection(MemoryPeerStore store, PeerId peer) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                store.Unprotect(peer);
            }
        }
    }
}
