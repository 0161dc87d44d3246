using Libp2p.Connections;
using Libp2p.Security;

namespace Libp2p.Transports;

/// <summary>
/// Listens on one address, which may stand for several (<c>0.0.0.0</c>). Disposing stops listening; accepted connections live on.
/// Thread-safe.
/// </summary>
/// <typeparam name="TConnection"><see cref="IByteLink"/> or <see cref="UpgradedConnection"/>, as the transport yields.</typeparam>
public interface ITransportListener<TConnection> : IAsyncDisposable
    where TConnection : class, ITransportConnection
{
    /// <summary>
    /// Where it can be reached now: real ports, wildcards expanded to the interfaces, without <c>/p2p</c>. Reads what is known, without
    /// I/O and without a lock held, so it answers at any time.
    /// </summary>
    IReadOnlyList<Multiaddress> Addresses { get; }

    /// <summary>
    /// Raised after <see cref="Addresses"/> changed: an interface came or went, a relay ended its reservation. Handlers must neither block
    /// nor throw.
    /// </summary>
    event Action? AddressesChanged;

    /// <summary>
    /// The next connection that a remote opens, or null when listening has ended. One caller at a time. Failures of a single connection are
    /// not reported here.
    /// </summary>
    /// <exception cref="IOException">Nothing can be accepted for now: no file descriptors or memory are left. The caller may try again.</exception>
    ValueTask<IPendingConnection<TConnection>?> AcceptAsync(CancellationToken cancellationToken);
}

/// <summary>
/// A connection that a remote opened, before anything was spent on it: no handshake, no buffers. It is taken with
/// <see cref="AcceptAsync"/> or refused by disposing of it.
/// </summary>
/// <typeparam name="TConnection"><see cref="IByteLink"/> or <see cref="UpgradedConnection"/>, as the transport yields.</typeparam>
public interface IPendingConnection<TConnection> : IAsyncDisposable
    where TConnection : class, ITransportConnection
{
    /// <summary>Where it came in.</summary>
    Multiaddress LocalAddress { get; }

    /// <summary>Where it came from.</summary>
    Multiaddress RemoteAddress { get; }

    /// <summary>Takes it; for an <see cref="UpgradedConnection"/> this runs the handshake. Once; afterwards disposing of it does nothing.</summary>
    /// <param name="admission">Memory of the connection, and the judge of its remote.</param>
    /// <param name="cancellationToken">Ends the handshake; nothing of the connection is left behind.</param>
    /// <returns>A connection that the caller owns.</returns>
    ValueTask<TConnection> AcceptAsync(ConnectionAdmission admission, CancellationToken cancellationToken);
}

/// <summary>What a connection in the making may spend, and who judges its remote.</summary>
/// <param name="Scope">Asked for the memory of the connection.</param>
/// <param name="Admit">
/// Judges the remote when it is authenticated, before streams are set up: null lets it in, a reason ends the connection with its code.
/// Called once, on the node's scheduler; it does not block.
/// </param>
public sealed record ConnectionAdmission(Limits.IResourceScope Scope, Func<SecurityResult, EndReason?> Admit)
{
    /// <summary>
    /// Awaited when <see cref="Admit"/> has let the remote in, with the same meaning: the part of the judgement that application code makes
    /// and that takes time. Null: there is none. The node asks for what a transport leaves out, when it gets the connection.
    /// </summary>
    public Func<SecurityResult, CancellationToken, ValueTask<EndReason?>>? AdmitAsync { get; init; }
}
