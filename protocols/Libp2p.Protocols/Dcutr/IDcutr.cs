namespace Libp2p.Protocols.Dcutr;

/// <summary>Agrees on the moment at which both ends of a relayed connection dial each other directly.</summary>
/// <remarks>
/// https://github.com/libp2p/specs/blob/master/relay/DCUtR.md. The initiator is the side that accepted the relayed connection.
/// <code>
/// initiator  CONNECT, addresses  ->
///            &lt;-  CONNECT, addresses   responder   the initiator takes the time from its CONNECT to this one
/// initiator  SYNC, the end  ->                              the responder dials at once, the initiator half that time later
/// </code>
/// </remarks>
[Protocol("/libp2p/dcutr", Discriminator = nameof(HolePunch.Type))]
[Connection(Relayed = RelayedConnections.Require, OpenedBy = ConnectionOpener.Listener)]
[Limits(MaxMessage = 4 * Size.KiB, MaxElements = 64, ExchangeSeconds = 60, InboundPerPeer = 1, OutboundPerPeer = 1)]
public partial interface IDcutr
{
    /// <summary>
    /// CONNECT from the initiator, which measures the round trip; CONNECT from the responder; SYNC from the initiator, which dials
    /// half a round trip later, the responder at once.
    /// </summary>
    ValueTask CoordinateAsync(Dialogue<HolePunch, HolePunch> dialogue, CallContext context = default);
}
