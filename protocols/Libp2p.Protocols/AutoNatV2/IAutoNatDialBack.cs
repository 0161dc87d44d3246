namespace Libp2p.Protocols.AutoNatV2;

/// <summary>Proves, on a new connection to the address under test, that it was reached.</summary>
/// <remarks>
/// https://github.com/libp2p/specs/blob/master/autonat/autonat-v2.md. The server of <see cref="IAutoNatDialRequest"/> is the initiator
/// here, on a connection that it dialled: a nonce that came back over one of ours would prove nothing.
/// <code>
/// initiator  09 09 and the nonce in 8 bytes, the end  ->
///            &lt;-  00, the end   responder   OK has no bytes; or the end alone
/// </code>
/// </remarks>
[Protocol("/libp2p/autonat/2/dial-back")]
[Connection(Relayed = RelayedConnections.Refuse, OpenedBy = ConnectionOpener.Dialer)]
[Limits(MaxMessage = 1 * Size.KiB, MaxSend = 10, ExchangeSeconds = 5, InboundPerPeer = 2, OutboundPerPeer = 2)]
public partial interface IAutoNatDialBack
{
    /// <summary>Brings the nonce of the dial request back.</summary>
    /// <returns>Zero bytes on the wire when it is OK; null where the client closed without it.</returns>
    ValueTask<DialBackResponse?> DialBackAsync(DialBack message, CallContext context = default);
}
