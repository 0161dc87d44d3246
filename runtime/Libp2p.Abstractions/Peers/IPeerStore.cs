namespace Libp2p;

/// <summary>
/// What a node knows of peers: addresses with source and lifetime, protocols, keys. Asynchronous, because it may be a database;
/// bounded, because peers fill it. Thread-safe.
/// </summary>
public interface IPeerStore
{
    /// <summary>What is known and not expired; null for a peer that was never heard of.</summary>
    ValueTask<PeerInfo?> GetAsync(PeerId peer, CancellationToken cancellationToken);

    /// <summary>Adds addresses, or prolongs them; those that do not fit the bounds push out the ones that expire first.</summary>
    /// <param name="peer">Whose.</param>
    /// <param name="addresses">Without <c>/p2p</c> of the peer.</param>
    /// <param name="source">Who told: certified addresses beat others.</param>
    /// <param name="lifetime">From now.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask AddAddressesAsync(
        PeerId peer, IReadOnlyList<Multiaddress> addresses, AddressSource source, TimeSpan lifetime, CancellationToken cancellationToken);

    /// <summary>Replaces what the peer speaks.</summary>
    ValueTask SetProtocolsAsync(PeerId peer, IReadOnlyList<ProtocolId> protocols, CancellationToken cancellationToken);

    /// <summary>Forgets a peer.</summary>
    ValueTask RemoveAsync(PeerId peer, CancellationToken cancellationToken);

    /// <summary>All peers, in no order, as they are while it is enumerated.</summary>
    IAsyncEnumerable<PeerInfo> GetAllAsync(CancellationToken cancellationToken);
}

/// <summary>What is known of a peer.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Addresses">Its addresses, best source first.</param>
/// <param name="Protocols">What it speaks; empty if that is not known.</param>
public sealed record PeerInfo(PeerId Peer, IReadOnlyList<PeerAddress> Addresses, IReadOnlyList<ProtocolId> Protocols);

/// <summary>One address of a peer.</summary>
public sealed record PeerAddress(Multiaddress Address, AddressSource Source, DateTimeOffset Expires);

/// <summary>Who told an address, the most trustworthy first.</summary>
public enum AddressSource
{
    /// <summary>The application.</summary>
    Configured,

    /// <summary>The peer, in a signed record.</summary>
    Certified,

    /// <summary>We reached it there.</summary>
    Connected,

    /// <summary>The peer, unsigned (identify).</summary>
    Announced,

    /// <summary>Another peer (DHT, rendezvous, discovery).</summary>
    Referred,
}
