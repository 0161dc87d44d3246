namespace Libp2p.Protocols.Identify;

/// <summary>Tells who we are: key, addresses, accepted protocols, and the address at which we see the caller.</summary>
/// <remarks>
/// https://github.com/libp2p/specs/blob/master/identify/README.md. Both ends of a new connection ask each other, each on a stream of its
/// own. go may answer in two frames, the signed record in the second; rust reads one frame of 4 KiB: hence the two sizes.
/// <code>
/// initiator  &lt;-  varint length, IdentifyMessage; once or more, then the end   responder
/// </code>
/// </remarks>
[Protocol("/ipfs/id/1.0.0")]
[Connection(Limited = LimitedConnections.Allow)]
[Limits(MaxMessage = 8 * Size.KiB, MaxSend = 4 * Size.KiB, MaxElements = 2048, ExchangeSeconds = 5, InboundPerPeer = 10, OutboundPerPeer = 1)]
public partial interface IIdentify
{
    /// <summary>Asks for the remote's description of itself.</summary>
    /// <returns>All frames up to the end of the stream, merged.</returns>
    [Merge(MaxFrames = 10)]
    ValueTask<IdentifyMessage> IdentifyAsync(CallContext context = default);
}
