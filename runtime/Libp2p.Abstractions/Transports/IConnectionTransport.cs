using Libp2p.Connections;

namespace Libp2p.Transports;

/// <summary>
/// A transport whose connections are secured and carry streams by themselves: QUIC, WebTransport, WebRTC. It authenticates the remote,
/// checks it against <see cref="TransportDial.ExpectedPeer"/>, and asks <see cref="ConnectionAdmission.Admit"/> as soon as the remote is
/// authenticated. The node checks the expected peer again.
/// </summary>
public interface IConnectionTransport : ITransport
{
    /// <summary>Connects to one address and authenticates the remote.</summary>
    /// <param name="dial">The address, which <see cref="ITransport.CanDial"/> accepted, and what is special about this dial.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing of it is left behind.</param>
    /// <returns>A connection that the caller owns.</returns>
    /// <exception cref="HandshakeException">The handshake failed, or the remote is another peer or was not admitted.</exception>
    /// <exception cref="IOException">The address cannot be reached.</exception>
    ValueTask<UpgradedConnection> DialAsync(TransportDial dial, CancellationToken cancellationToken);

    /// <inheritdoc cref="ILinkTransport.ListenAsync"/>
    ValueTask<ITransportListener<UpgradedConnection>> ListenAsync(Multiaddress address, CancellationToken cancellationToken);
}
