using Libp2p.Connections;

namespace Libp2p.Transports;

/// <summary>Listens on one address, which may stand for several (<c>0.0.0.0</c>). Disposing stops listening; accepted connections live on.</summary>
public interface ITransportListener : IAsyncDisposable
{
    /// <summary>Where it can be reached now: real ports, wildcards expanded to the interfaces, without <c>/p2p</c>.</summary>
    IReadOnlyList<Multiaddress> Addresses { get; }

    /// <summary>
    /// The next connection that knocks, or null when listening has ended. One caller at a time. Failures of a single connection are
    /// not reported here.
    /// </summary>
    ValueTask<IPendingConnection?> AcceptAsync(CancellationToken cancellationToken);
}

/// <summary>
/// A remote that knocked, before anything was spent on it: no handshake, no buffers. It is taken with <see cref="AcceptAsync"/> or
/// refused by disposing of it.
/// </summary>
public interface IPendingConnection : IAsyncDisposable
{
    /// <summary>Where it came in.</summary>
    Multiaddress LocalAddress { get; }

    /// <summary>Where it came from.</summary>
    Multiaddress RemoteAddress { get; }

    /// <summary>Takes it; for QUIC this runs the handshake. Once; afterwards disposing of the pending connection does nothing.</summary>
    ValueTask<ITransportConnection> AcceptAsync(CancellationToken cancellationToken);
}
