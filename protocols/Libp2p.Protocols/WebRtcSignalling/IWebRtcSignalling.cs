namespace Libp2p.Protocols.WebRtcSignalling;

/// <summary>Carries offer, answer and candidates of a browser-to-browser connection, usually over a relay.</summary>
/// <remarks>
/// https://github.com/libp2p/specs/blob/master/webrtc/webrtc.md. The type is on the wire although SDP_OFFER is 0. Once the direct
/// connection stands, the initiator closes.
/// <code>
/// initiator  SDP_OFFER  ->
///            &lt;-  SDP_ANSWER           responder
/// initiator  &lt;-  ICE_CANDIDATE ...  ->  responder   both, freely
/// </code>
/// </remarks>
[Protocol("/webrtc-signaling/0.0.1", Discriminator = nameof(SignallingMessage.Type))]
[Connection(Limited = LimitedConnections.Allow)]
[Limits(MaxMessage = 64 * Size.KiB, ExchangeSeconds = 30, InboundPerPeer = 2, OutboundPerPeer = 2)]
public partial interface IWebRtcSignalling
{
    /// <summary>The initiator offers, the responder answers, and both send candidates as they find them.</summary>
    ValueTask SignalAsync(Dialogue<SignallingMessage, SignallingMessage> dialogue, CallContext context = default);
}
