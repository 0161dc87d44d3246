namespace Libp2p.Protocols.Relay;

/// <summary>What a relay offers: a reservation, and circuits to peers that hold one.</summary>
/// <remarks>
/// https://github.com/libp2p/specs/blob/master/relay/circuit-v2.md. The first message's type says which it is, and is on the wire
/// although RESERVE is 0, since js demands it.
/// <code>
/// initiator  HopMessage RESERVE, the end  ->
///            &lt;-  HopMessage STATUS, with OK the reservation, the end   relay
///
/// initiator  HopMessage CONNECT, destination  ->
///            &lt;-  HopMessage STATUS                                     relay
/// initiator  &lt;-  after OK any bytes: the upgrade of the circuit  ->    destination
/// </code>
/// </remarks>
[Protocol("/libp2p/circuit/relay/0.2.0/hop", Discriminator = nameof(HopMessage.Type))]
[Connection(Relayed = RelayedConnections.Refuse)]
[Limits(MaxMessage = 4 * Size.KiB, MaxElements = 128, ExchangeSeconds = 60)]
public partial interface IRelayHop
{
    /// <summary>Reserves a place, so that others reach the caller through this relay; repeated to renew it.</summary>
    /// <returns>The status; with OK the reservation and the limit of its circuits.</returns>
    [On(HopMessage.Types.Type.Reserve, Reply = HopMessage.Types.Type.Status)]
    [Limits(InboundPerPeer = 4, OutboundPerPeer = 1)]
    ValueTask<HopMessage> ReserveAsync(HopMessage request, CallContext context = default);

    /// <summary>
    /// Asks for a circuit to the peer that <paramref name="request"/> names. <paramref name="answer"/> carries one status; after OK it
    /// is detached, and the stream is the circuit.
    /// </summary>
    [On(HopMessage.Types.Type.Connect, Reply = HopMessage.Types.Type.Status)]
    [Limits(InboundPerPeer = 16, OutboundPerPeer = 16, WhenFull = WhenFull.Refuse)]
    ValueTask ConnectAsync(HopMessage request, Dialogue<HopMessage, HopMessage> answer, CallContext context = default);
}
