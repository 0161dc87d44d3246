namespace Libp2p.Protocols.Identify;

/// <summary>Tells a peer that something of our description has changed.</summary>
/// <remarks>
/// https://github.com/libp2p/specs/blob/master/identify/README.md, "identify/push". Apart from <see cref="IIdentify"/>, since its id is
/// not below identify's.
/// <code>
/// initiator  varint length, IdentifyMessage; once or more, then the end  ->   responder
/// </code>
/// </remarks>
[Protocol("/ipfs/id/push/1.0.0")]
[Connection(Limited = LimitedConnections.Allow)]
[Limits(MaxMessage = 8 * Size.KiB, MaxSend = 4 * Size.KiB, MaxElements = 2048, ExchangeSeconds = 5, InboundPerPeer = 10, OutboundPerPeer = 1)]
public partial interface IIdentifyPush
{
    /// <summary>Sends the complete description, not the difference: go replaces what it knew, the others merge.</summary>
    [Merge(MaxFrames = 10)]
    ValueTask PushAsync(IdentifyMessage description, CallContext context = default);
}
