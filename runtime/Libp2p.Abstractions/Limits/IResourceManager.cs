using System.Diagnostics.CodeAnalysis;
using Libp2p.Connections;

namespace Libp2p.Limits;

/// <summary>Hands out leases on connections and streams. A lease is disposed by its owner, once; then all it took is free. Thread-safe.</summary>
public interface IResourceManager
{
    /// <summary>The scope of the whole node.</summary>
    IResourceScope System { get; }

    /// <summary>Leases a connection that is about to be upgraded; it starts in the transient scope.</summary>
    /// <param name="direction">Who opened it.</param>
    /// <param name="remoteAddress">Whose address's share it takes.</param>
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
    /// <summary>Moves the stream from the transient scope to its protocol's, when the protocol is agreed.</summary>
    /// <param name="protocol">The agreed id.</param>
    /// <param name="perPeer">Streams of the protocol that the peer may have in this direction.</param>
    /// <param name="refusal">Which bound of which scope is full.</param>
    bool TryAttribute(ProtocolId protocol, int perPeer, [NotNullWhen(false)] out string? refusal);
}
