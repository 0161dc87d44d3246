using System.Runtime.CompilerServices;

namespace Libp2p.Node.Peers;

/// <summary>
/// What is known of peers, in memory: at most <paramref name="maxPeers"/>, of which the one longest untouched goes first, and
/// <paramref name="maxAddresses"/> addresses of each.
/// </summary>
internal sealed class MemoryPeerStore(TimeProvider time, int maxPeers = 4096, int maxAddresses = 64) : IPeerStore
{
    private const int MaxProtocols = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<PeerId, LinkedListNode<Entry>> _peers = [];
    private readonly LinkedList<Entry> _byUse = new(); // the last is the one touched last

    public ValueTask<PeerInfo?> GetAsync(PeerId peer, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return ValueTask.FromResult(_peers.TryGetValue(peer, out LinkedListNode<Entry>? node) ? Snapshot(node.Value) : null);
        }
    }

    public ValueTask AddAddressesAsync(
        PeerId peer, IReadOnlyList<Multiaddress> addresses, AddressSource source, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        DateTimeOffset expires = time.GetUtcNow() + lifetime;
        lock (_lock)
        {
            Entry entry = Touch(peer);
            foreach (Multiaddress address in addresses)
            {
                PeerAddress added = new(address, source, expires);
                if (entry.Addresses.TryGetValue(address, out PeerAddress? known))
                {
                    added = new PeerAddress(address, (AddressSource)Math.Min((int)known.Source, (int)source), known.Expires > expires ? known.Expires : expires);
                }

                entry.Addresses[address] = added;
            }

            DropExpired(entry);
            foreach (PeerAddress surplus in entry.Addresses.Values.OrderByDescending(known => known.Expires).Skip(maxAddresses).ToList())
            {
                entry.Addresses.Remove(surplus.Address);
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask SetProtocolsAsync(PeerId peer, IReadOnlyList<ProtocolId> protocols, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Touch(peer).Protocols = [.. protocols.Take(MaxProtocols)];
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask RemoveAsync(PeerId peer, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_peers.Remove(peer, out LinkedListNode<Entry>? node))
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
            peers = [.. _byUse.Select(entry => entry.Peer)];
        }

        foreach (PeerId peer in peers)
        {
            if (await GetAsync(peer, cancellationToken) is { } info)
            {
                yield return info;
            }
        }
    }

    private Entry Touch(PeerId peer)
    {
        if (_peers.TryGetValue(peer, out LinkedListNode<Entry>? node))
        {
            _byUse.Remove(node);
        }
        else
        {
            if (_peers.Count == maxPeers)
            {
                _peers.Remove(_byUse.First!.Value.Peer);
                _byUse.RemoveFirst();
            }

            _peers[peer] = node = new LinkedListNode<Entry>(new Entry(peer));
        }

        _byUse.AddLast(node);
        return node.Value;
    }

    private PeerInfo Snapshot(Entry entry)
    {
        DropExpired(entry);
        return new PeerInfo(entry.Peer, [.. entry.Addresses.Values.OrderBy(known => known.Source)], entry.Protocols);
    }

    private void DropExpired(Entry entry)
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach (PeerAddress expired in entry.Addresses.Values.Where(known => known.Expires <= now).ToList())
        {
            entry.Addresses.Remove(expired.Address);
        }
    }

    private sealed class Entry(PeerId peer)
    {
        public PeerId Peer { get; } = peer;

        // Kept in order of arrival by OrderedDictionary: no decision hangs on a hash table's order.
        public OrderedDictionary<Multiaddress, PeerAddress> Addresses { get; } = [];

        public IReadOnlyList<ProtocolId> Protocols { get; set; } = [];
    }
}
