namespace Libp2p.Protocols.AutoNat;

/// <summary>Asks a peer to dial us back: are we reachable at all? Version 2 answers address by address.</summary>
/// <remarks>
/// https://github.com/libp2p/specs/blob/master/autonat/autonat-v1.md. The type is on the wire although DIAL is 0, since rust rejects
/// messages without it. Over a relay the observed address would be the relay's: refused.
/// <code>
/// initiator  varint length, AutoNatMessage DIAL, the end  ->
///            &lt;-  varint length, AutoNatMessage DIAL_RESPONSE, the end   responder
/// </code>
/// </remarks>
[Protocol("/libp2p/autonat/1.0.0", Discriminator = nameof(AutoNatMessage.Type))]
[Connection(Relayed = RelayedConnections.Refuse)]
[Limits(MaxMessage = 8 * Size.KiB, MaxSend = 4 * Size.KiB, MaxElements = 64, ExchangeSeconds = 60, InboundPerPeer = 2, OutboundPerPeer = 2)]
public partial interface IAutoNat
{
    /// <summary>Dials the caller at the addresses it names, on its observed IP address only.</summary>
    /// <returns>A status; with OK the address that was reached.</returns>
    [On(AutoNatMessage.Types.MessageType.Dial, Reply = AutoNatMessage.Types.MessageType.DialResponse)]
    ValueTask<AutoNatMessage> DialAsync(AutoNatMessage request, CallContext context = default);
}
