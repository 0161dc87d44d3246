using System.Diagnostics.CodeAnalysis;
using Libp2p.Connections;

namespace Libp2p.Limits;

/// <summary>
/// The node's one ledger: admits connections and streams, and accounts memory, in the scopes system, transient, peer, protocol, connection
/// and stream. A lease is disposed of by its owner, once; then all it took is free. Never waits, but for a place among the streams of an
/// operation. Thread-safe.
/// </summary>
public interface IResourceManager
{
    /// <summary>The scope of the whole node.</summary>
    IResourceScope System { get; }

    /// <summary>The scope of connections in a handshake and of streams in negotiation.</summary>
    IResourceScope Transient { get; }

    /// <summary>The scope of one peer; null while it has no connection.</summary>
    IResourceScope? FindPeer(PeerId peer);

    /// <summary>The scope of one agreed protocol; null while no stream has it.</summary>
    IResourceScope? FindProtocol(ProtocolId protocol);

    /// <summary>Leases a connection that is about to be upgraded; it starts in the transient scope.</summary>
    /// <param name="direction">Which end opened it.</param>
    /// <param name="remoteAddress">The address whose share it takes.</param>
    /// <param name="lease">The lease; the caller's.</param>
    /// <param name="refusal">Which bound of which scope is full.</param>
    bool TryOpenConnection(
        Direction direction, Multiaddress remoteAddress, [NotNullWhen(true)] out IConnectionLease? lease, [NotNullWhen(false)] out string? refusal);
}

/// <summary>A connection's place in the scopes.</summary>
public interface IConnectionLease : IResourceScope, IDisposable
{
    /// <summary>Moves the connection from the transient scope to its peer's, when the peer is authenticated.</summary>
    bool TryAttribute(PeerId peer, [NotNullWhen(false)] out string? refusal);

    /// <summary>Leases a stream of this connection; it starts in the transient scope.</summary>
    bool TryOpenStream(Direction direction, [NotNullWhen(true)] out IStreamLease? lease, [NotNullWhen(false)] out string? refusal);
}

/// <summary>A stream's place in the scopes.</summary>
public interface IStreamLease : IResourceScope, IDisposable
{
    /// <summary>Names the stream that the lease is for: it is reset when another one takes its place. Once; <see cref="P2PStream"/> calls it.</summary>
    void Attach(P2PStream stream);

    /// <summary>Moves the stream from the transient scope to its protocol's, when the protocol is agreed.</summary>
    /// <param name="protocol">The agreed id.</param>
    /// <param name="refusal">Which bound of which scope is full.</param>
    bool TryAttribute(ProtocolId protocol, [NotNullWhen(false)] out string? refusal);

    /// <summary>
    /// Takes a place among the streams that the peer has of an operation in this direction, over all its connections: at once, by waiting
    /// in the order of arrival, or in place of the oldest one, as the bound says. The place is the stream's until it ends, or until it
    /// enters another bound.
    /// </summary>
    /// <param name="bound">The operation's bound.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LimitExceededException">The bound is reached, and refuses.</exception>
    ValueTask EnterAsync(OperationBound bound, CancellationToken cancellationToken);
}

/// <summary>How many streams of one operation a peer may have in one direction.</summary>
/// <param name="Subject">What is counted together, by value: the handler, or the operation's first id.</param>
/// <param name="Operation">Which of the operations that share the subject; null where it has one.</param>
/// <param name="Limit">Streams.</param>
/// <param name="WhenFull">What a stream beyond the limit meets.</param>
public readonly record struct OperationBound(object Subject, string? Operation, int Limit, WhenFull WhenFull);
