namespace Libp2p.Protocols.Echo;

/// <summary>
/// Sends back what it is sent. For tests only: js-libp2p has the same protocol for its own, the specs do not know it, and whoever
/// serves it works for anyone.
/// </summary>
/// <remarks>https://github.com/libp2p/js-libp2p, packages/protocol-echo: bytes are piped back, and the half-close is mirrored.</remarks>
[Protocol("/echo/1.0.0")]
[Limits(ExchangeSeconds = Seconds.Unbounded, IdleSeconds = 30, InboundPerPeer = 32, OutboundPerPeer = 32)]
public partial interface IEcho
{
    /// <summary>Writes all that is read, until the initiator ends its direction, and then ends ours.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="context">Who calls, and when to stop.</param>
    ValueTask EchoAsync(P2PStream stream, CallContext context = default);
}
