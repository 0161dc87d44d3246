namespace Libp2p.Connections;

/// <summary>A connection to one authenticated peer, ready for protocols. Thread-safe.</summary>
public interface IPeerConnection : IStreamOpener
{
    /// <summary>A number that is unique in the node, for logs and node state; greater than those of all earlier connections.</summary>
    long Id { get; }

    /// <summary>The authenticated peer.</summary>
    PeerId RemotePeer { get; }

    /// <inheritdoc/>
    PeerId? IStreamOpener.Peer => RemotePeer;

    /// <summary>Its public key.</summary>
    PublicKey RemoteKey { get; }

    /// <summary>Who opened it.</summary>
    Direction Direction { get; }

    /// <summary>Our end.</summary>
    Multiaddress LocalAddress { get; }

    /// <summary>The other end, without <c>/p2p</c>; it may change while the connection lives.</summary>
    Multiaddress RemoteAddress { get; }

    /// <summary>Whether a relay carries it, limited or not.</summary>
    bool IsRelayed { get; }

    /// <summary>The bounds of a relayed connection, or null where there are none.</summary>
    ConnectionLimit? Limit { get; }

    /// <summary>The agreed security protocol, or null where the transport has its own.</summary>
    ProtocolId? Security { get; }

    /// <summary>The agreed muxer, or null where the transport has its own streams.</summary>
    ProtocolId? Muxer { get; }

    /// <summary>Whether the muxer was agreed inside the security handshake.</summary>
    bool IsEarlyMuxer { get; }

    /// <summary>A client of the protocol that uses this connection and no other. Does no I/O.</summary>
    T Client<T>(Protocol<T> protocol)
        where T : class;

    /// <summary>Completes, never faulted, when the connection has ended.</summary>
    Task<EndReason> Completion { get; }

    /// <summary>Closes it in order: no new streams, goodbye, then the transport. Idempotent.</summary>
    ValueTask CloseAsync(CancellationToken cancellationToken = default);
}
