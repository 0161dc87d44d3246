namespace Libp2p;

/// <summary>
/// What a node knows of peers: addresses with source and lifetime, protocols. Asynchronous, because it may be a database; bounded,
/// because remote peers fill it. Thread-safe.
/// <para>
/// What the application relies on is exempt from the bounds that remote input fills: a peer with a <see cref="AddressSource.Configured"/>
/// address and a peer under <see cref="Protect"/> are not evicted for others, and addresses of a protected peer do not expire. Lifetimes
/// are measured by the monotonic clock, so a change of the wall clock ends none of them.
/// </para>
/// </summary>
public interface IPeerStore
{
    /// <summary>What is known and has not expired; null for a peer of which nothing was stored.</summary>
    ValueTask<PeerInfo?> GetAsync(PeerId peer, CancellationToken cancellationToken);

    /// <summary>
    /// Adds addresses, or prolongs them: a source's word lives until the later of two ends. Beyond the bound of one peer, addresses of
    /// the least trusted source are dropped, and among those the ones that expire first; <see cref="AddressSource.Configured"/> and
    /// <see cref="AddressSource.Connected"/> ones are dropped last.
    /// </summary>
    /// <param name="peer">The owner of the addresses.</param>
    /// <param name="addresses">Without <c>/p2p</c> of the peer. Empty ones are ignored.</param>
    /// <param name="source">Where the addresses come from.</param>
    /// <param name="lifetime">From now; <see cref="Timeout.InfiniteTimeSpan"/> for ever. Zero stores nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentOutOfRangeException">The lifetime is negative.</exception>
    ValueTask AddAddressesAsync(
        PeerId peer, IReadOnlyList<Multiaddress> addresses, AddressSource source, TimeSpan lifetime, CancellationToken cancellationToken);

    /// <summary>
    /// Takes the addresses of a peer's signed record, whose signature the caller has verified: they replace the
    /// <see cref="AddressSource.Certified"/> ones of an older record. What other sources said of the same addresses stays.
    /// </summary>
    /// <param name="peer">The signer and owner.</param>
    /// <param name="sequence">The record's number.</param>
    /// <param name="addresses">Those of the record that the caller believes, without <c>/p2p</c> of the peer; may be none.</param>
    /// <param name="lifetime">As for <see cref="AddAddressesAsync"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>
    /// False, and nothing changed: addresses of a record with a greater number are known and have not expired. The same number again
    /// prolongs.
    /// </returns>
    /// <remarks>A store that does not override it adds the addresses and keeps those of older records until they expire.</remarks>
    async ValueTask<bool> SetRecordAsync(
        PeerId peer, ulong sequence, IReadOnlyList<Multiaddress> addresses, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        await AddAddressesAsync(peer, addresses, AddressSource.Certified, lifetime, cancellationToken);
        return true;
    }

    /// <summary>
    /// Protects a peer while the application or the node relies on it: the node does for connected peers and for those that it keeps
    /// connected. The peer is not evicted and none of its addresses expires; after the last lease each address lives its full lifetime
    /// once more. Leases count. Does no I/O, and says nothing of whether anything of the peer is stored.
    /// </summary>
    /// <returns>Ends the protection when it is disposed of; idempotent. The caller's.</returns>
    /// <remarks>A store that does not override it protects nothing.</remarks>
    IDisposable Protect(PeerId peer) => NoProtection.Instance;

    /// <summary>Replaces the protocols that the peer supports.</summary>
    ValueTask SetProtocolsAsync(PeerId peer, IReadOnlyList<ProtocolId> protocols, CancellationToken cancellationToken);

    /// <summary>Forgets a peer, a protected one too.</summary>
    ValueTask RemoveAsync(PeerId peer, CancellationToken cancellationToken);

    /// <summary>All peers, in no order, as they are while it is enumerated.</summary>
    IAsyncEnumerable<PeerInfo> GetAllAsync(CancellationToken cancellationToken);
}

/// <summary>What is known of a peer.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Addresses">Its addresses, best source first.</param>
/// <param name="Protocols">The protocols that it supports; empty if that is not known.</param>
public sealed record PeerInfo(PeerId Peer, IReadOnlyList<PeerAddress> Addresses, IReadOnlyList<ProtocolId> Protocols);

/// <summary>One address of a peer.</summary>
/// <param name="Address">Without <c>/p2p</c> of the peer.</param>
/// <param name="Source">The most trusted of the sources whose word has not expired.</param>
/// <param name="Expires">
/// When the last word for it ends, by the wall clock as it is now: for display, decisions are made by the monotonic clock.
/// <see cref="DateTimeOffset.MaxValue"/>: never. For a protected peer it is as if the protection ended now.
/// </param>
public sealed record PeerAddress(Multiaddress Address, AddressSource Source, DateTimeOffset Expires);

/// <summary>Where an address comes from, the most trustworthy first.</summary>
public enum AddressSource
{
    /// <summary>The application.</summary>
    Configured,

    /// <summary>The peer, in a signed record.</summary>
    Certified,

    /// <summary>This node reached the peer there.</summary>
    Connected,

    /// <summary>The peer, unsigned (identify).</summary>
    Announced,

    /// <summary>Another peer (DHT, rendezvous, discovery).</summary>
    Referred,
}
