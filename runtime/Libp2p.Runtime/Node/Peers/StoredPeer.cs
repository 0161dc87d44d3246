namespace Libp2p.Node.Peers;

/// <summary>
/// What is known of one peer: a pure core, to which the caller gives the time. At most <paramref name="maxAddresses"/> addresses. While
/// the peer is protected nothing expires. Not thread-safe.
/// </summary>
internal sealed class StoredPeer(PeerId peer, TimeProvider time, int maxAddresses)
{
    // Kept in order of arrival: no decision hangs on a hash table's order.
    private readonly OrderedDictionary<Multiaddress, StoredAddress> _addresses = [];
    private ulong _record; // the number of the record that the certified addresses come from

    public PeerId Peer => peer;

    public IReadOnlyList<ProtocolId> Protocols { get; set; } = [];

    /// <summary>Whether the application configured an address that has not expired.</summary>
    public bool IsConfigured(long now) => _addresses.Values.Any(known => known.IsSaidBy(AddressSource.Configured, time, now));

    /// <summary>Adds or prolongs addresses, and drops those beyond the bound.</summary>
    public void Add(IReadOnlyList<Multiaddress> addresses, AddressSource source, SourceWord word, bool isProtected)
    {
        foreach (Multiaddress address in addresses)
        {
            if (address.IsEmpty)
            {
                continue;
            }

            if (!_addresses.TryGetValue(address, out StoredAddress? known))
            {
                _addresses.Add(address, known = new StoredAddress(address));
            }

            known.Say(source, word, time);
        }

        Trim(word.Since, isProtected);
    }

    /// <summary>Takes a record; false when a newer one is known.</summary>
    public bool TrySetRecord(ulong sequence, IReadOnlyList<Multiaddress> addresses, SourceWord word, bool isProtected)
    {
        Trim(word.Since, isProtected);
        bool isKnown = _addresses.Values.Any(static address => address.IsSaidBy(AddressSource.Certified));
        if (isKnown && sequence < _record)
        {
            return false;
        }

        if (sequence != _record)
        {
            foreach (StoredAddress old in _addresses.Values.ToList())
            {
                old.Withdraw(AddressSource.Certified);
                if (!old.IsSaid)
                {
                    _addresses.Remove(old.Address);
                }
            }
        }

        _record = sequence;
        Add(addresses, AddressSource.Certified, word, isProtected);
        return true;
    }

    /// <summary>The protection has ended: everything lives its full lifetime from now.</summary>
    public void Unprotect(long now)
    {
        foreach (StoredAddress address in _addresses.Values)
        {
            address.Restart(now);
        }
    }

    public PeerInfo Describe(long now, bool isProtected)
    {
        Trim(now, isProtected);
        DateTimeOffset wallClock = time.GetUtcNow();
        return new PeerInfo(
            peer,
            [
                .. _addresses.Values
                    .OrderBy(static known => known.Best)
                    .Select(known => new PeerAddress(known.Address, known.Best!.Value, Ending(wallClock, known.Remaining(time, now)))),
            ],
            Protocols);
    }

    private static DateTimeOffset Ending(DateTimeOffset now, TimeSpan remaining) =>
        remaining >= DateTimeOffset.MaxValue - now ? DateTimeOffset.MaxValue : now + remaining;

    private void Trim(long now, bool isProtected)
    {
        if (!isProtected)
        {
            foreach (StoredAddress known in _addresses.Values.ToList())
            {
                if (!known.DropExpired(time, now))
                {
                    _addresses.Remove(known.Address);
                }
            }
        }

        if (_addresses.Count > maxAddresses)
        {
            foreach (StoredAddress surplus in _addresses.Values
                .OrderBy(static known => known.Rank)
                .ThenByDescending(known => known.Remaining(time, now))
                .Skip(maxAddresses)
                .ToList())
            {
                _addresses.Remove(surplus.Address);
            }
        }
    }
}
