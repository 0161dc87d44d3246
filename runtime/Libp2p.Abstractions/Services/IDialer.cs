using Libp2p.Connections;
using Libp2p.Security;
using Libp2p.Transports;

namespace Libp2p.Services;

/// <summary>Makes connections, and clients that make them on demand. Thread-safe.</summary>
public interface IDialer
{
    /// <summary>A connection to the peer: an open one, or a new one. Concurrent dials to one peer are joined.</summary>
    /// <exception cref="DialException">Each address, how far it got, and why it failed.</exception>
    ValueTask<IPeerConnection> ConnectAsync(DialRequest request, CancellationToken cancellationToken);

    /// <summary>Open connections, in the order they were opened.</summary>
    IReadOnlyList<IPeerConnection> Connections { get; }

    /// <summary>A client bound to a peer: each call takes the best connection, and dials where there is none. Does no I/O.</summary>
    T Client<T>(Protocol<T> protocol, PeerId peer)
        where T : class;

    /// <summary>
    /// Keeps a peer connected until the result is disposed of or the node ends: dials whenever there is no connection, with growing pauses
    /// after failures.
    /// </summary>
    IAsyncDisposable KeepConnected(PeerId peer);

    /// <summary>Upgrades a byte link that something else made (a relay's stream), and adds it to the node's connections.</summary>
    /// <param name="link">Taken over, also when this fails.</param>
    /// <param name="adoption">Direction, role, and who is expected.</param>
    /// <param name="cancellationToken">Ends the upgrade.</param>
    /// <exception cref="UpgradeException">The upgrade failed; the exception names the step.</exception>
    /// <exception cref="LimitExceededException">The node has as many connections as it may.</exception>
    ValueTask<IPeerConnection> AdoptAsync(IByteLink link, Adoption adoption, CancellationToken cancellationToken);

    /// <summary>Adds a connection that something else made and secured (WebRTC, hole-punched QUIC) to the node's connections.</summary>
    /// <param name="connection">Taken over, also when this fails.</param>
    /// <param name="adoption">Direction, and who is expected.</param>
    /// <param name="cancellationToken">Ends the wait; the connection is then aborted.</param>
    /// <exception cref="HandshakeException">The remote is another peer, or was not admitted.</exception>
    /// <exception cref="LimitExceededException">The node or the peer has as many connections as it may.</exception>
    ValueTask<IPeerConnection> AdoptAsync(UpgradedConnection connection, Adoption adoption, CancellationToken cancellationToken);
}

/// <summary>How a link or connection that something else made becomes one of the node's.</summary>
/// <param name="Direction">Which end opened it.</param>
/// <param name="ExpectedPeer">Who the remote must turn out to be.</param>
public sealed record Adoption(Direction Direction, ExpectedPeer ExpectedPeer)
{
    /// <summary>The role in the upgrade of a link; null: the initiator's where we opened it. DCUtR and relays turn it around.</summary>
    public ConnectionRole? Role { get; init; }

    /// <summary>Time for the upgrade of a link; null: the node's time for inbound upgrades.</summary>
    public TimeSpan? Timeout { get; init; }
}
