namespace Libp2p.Protocols.AutoNatV2;

/// <summary>Asks a peer whether it reaches us at an address.</summary>
/// <remarks>
/// https://github.com/libp2p/specs/blob/master/autonat/autonat-v2.md. Each message is a member of <see cref="DialMessage"/>. go answers a
/// caller that asks too often before it has read what it asks: the initiator reads while it writes.
/// <code>
/// initiator  DialRequest  ->
///            &lt;-  DialDataRequest   responder   only where the address is not at the initiator's IP
/// initiator  DialDataResponse ...  ->                    until there is enough
///            &lt;-  DialResponse      responder   after it has tried to bring the nonce back: IAutoNatDialBack
/// </code>
/// </remarks>
[Protocol("/libp2p/autonat/2/dial-request")]
[Envelope<DialMessage>]
[Connection(Relayed = RelayedConnections.Refuse)]
[Limits(MaxMessage = 8 * Size.KiB, MaxSend = 4104, MaxElements = 128, ExchangeSeconds = 30, InboundPerPeer = 2, OutboundPerPeer = 2)]
public partial interface IAutoNatDialRequest
{
    /// <summary>
    /// Tests an address of <paramref name="request"/> by bringing its nonce back. Answered with a response; before it, where the
    /// address is not at the caller's IP, with a request for data, which the caller sends until there is enough.
    /// </summary>
    ValueTask DialAsync(DialRequest request, Dialogue<DialDataResponse, IDialAnswer> rest, CallContext context = default);
}
