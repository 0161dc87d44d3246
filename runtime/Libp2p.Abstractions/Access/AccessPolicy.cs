using Libp2p.Connections;

namespace Libp2p;

/// <summary>
/// Decides whether a caller is admitted to what <see cref="AccessAttribute"/> guards. Registered with the node by name; asked for each
/// inbound stream, before its handler sees it, on the node's scheduler. What it throws, and a time that is over, refuses.
/// </summary>
/// <param name="request">Who calls what.</param>
/// <param name="cancellationToken">The time for the decision is over, or the stream or its connection is going.</param>
/// <returns>Whether the caller is admitted.</returns>
public delegate ValueTask<bool> AccessPolicy(AccessRequest request, CancellationToken cancellationToken);

/// <summary>Who calls what.</summary>
/// <param name="Connection">What the call came by; authenticated.</param>
/// <param name="Protocol">The agreed id.</param>
public sealed record AccessRequest(IPeerConnection Connection, ProtocolId Protocol)
{
    /// <summary>Who calls.</summary>
    public PeerId RemotePeer => Connection.RemotePeer;
}
