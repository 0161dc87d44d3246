namespace Libp2p.Connections;

/// <summary>A connection to one authenticated peer, ready for protocols. Thread-safe.</summary>
public interface IPeerConnection
{
    /// <summary>A number that is unique in the node, for logs and node state; greater than those of all earlier connections.</summary>
    long Id { get; }

    /// <summary>The authenticated peer.</summary>
    PeerId RemotePeer { get; }

    /// <summary>Its public key.</summary>
    PublicKey RemoteKey { get; }

    /// <summary>Which end opened it.</summary>
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

    /// <summary>Time since it was opened, on the node's clock.</summary>
    TimeSpan Age { get; }

    /// <summary>What it is used for now.</summary>
    ConnectionActivity Activity { get; }

    /// <summary>A client of the protocol that uses this connection and no other. Does no I/O.</summary>
    T Client<T>(Protocol<T> protocol)
        where T : class;

    /// <summary>Opens a stream without a declaration and agrees on one of the ids; what travels on it is the caller's affair.</summary>
    /// <param name="protocols">Ids, in order of preference; at least one.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing of it is left behind.</param>
    /// <returns>A stream that the caller owns.</returns>
    /// <exception cref="ProtocolNotSupportedException">The peer supports none of the ids.</exception>
    /// <exception cref="ConnectionClosedException">The connection has ended, or takes no more streams.</exception>
    /// <exception cref="LimitExceededException">As many streams are open as may be.</exception>
    ValueTask<P2PStream> OpenStreamAsync(IReadOnlyList<ProtocolId> protocols, CancellationToken cancellationToken = default);

    /// <summary>Completes, never faulted, when the connection has ended.</summary>
    Task<EndReason> Completion { get; }

    /// <summary>Closes it in order: no new streams, goodbye, then the transport. Idempotent; the first reason wins.</summary>
    ValueTask CloseAsync(CancellationToken cancellationToken = default);

    /// <summary>Closes it in order for a reason that event, log and <see cref="Completion"/> carry.</summary>
    /// <param name="code">Travels to the remote where the muxer can carry it; <see cref="ErrorCode.None"/>: none.</param>
    /// <param name="reason">A sentence for people, without a full stop.</param>
    /// <param name="cancellationToken">Ends the orderly part; the connection is then aborted.</param>
    ValueTask CloseAsync(ErrorCode code, string reason, CancellationToken cancellationToken = default);
}

/// <summary>What a connection is used for at one moment: what a connection manager decides by.</summary>
/// <param name="InboundStreams">Open streams that the remote opened.</param>
/// <param name="OutboundStreams">Open streams that we opened, those included that are kept for the next exchange.</param>
/// <param name="Idle">Time since a stream was opened or ended; zero while one of the application's exchanges runs.</param>
public readonly record struct ConnectionActivity(int InboundStreams, int OutboundStreams, TimeSpan Idle);
