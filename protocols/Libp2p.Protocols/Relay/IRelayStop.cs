namespace Libp2p.Protocols.Relay;

/// <summary>What a peer behind a relay offers to that relay: to take a circuit.</summary>
/// <remarks>
/// https://github.com/libp2p/specs/blob/master/relay/circuit-v2.md. The relay is the initiator. CONNECT is 0 here and on the wire.
/// <code>
/// relay   StopMessage CONNECT, source and limit  ->
///         &lt;-  StopMessage STATUS                                  destination
/// source  &lt;-  after OK any bytes: the upgrade of the circuit  ->  destination
/// </code>
/// </remarks>
[Protocol("/libp2p/circuit/relay/0.2.0/stop", Discriminator = nameof(StopMessage.Type))]
[Connection(Relayed = RelayedConnections.Refuse)]
[Limits(MaxMessage = 4 * Size.KiB, MaxElements = 128, ExchangeSeconds = 60, InboundPerPeer = 16, OutboundPerPeer = 16, WhenFull = WhenFull.Refuse)]
public partial interface IRelayStop
{
    /// <summary>
    /// Offers a circuit from the peer that <paramref name="request"/> names, with its limit. <paramref name="answer"/> carries one
    /// status; after OK it is detached, and the stream is the circuit, to be upgraded.
    /// </summary>
    [On(StopMessage.Types.Type.Connect, Reply = StopMessage.Types.Type.Status)]
    ValueTask ConnectAsync(StopMessage request, Dialogue<StopMessage, StopMessage> answer, CallContext context = default);
}
