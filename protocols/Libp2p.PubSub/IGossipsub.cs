namespace Libp2p.PubSub;

/// <summary>The streams of gossipsub: each side only writes on the one it opened.</summary>
/// <remarks>
/// https://github.com/libp2p/specs/tree/master/pubsub/gossipsub, v1.0 to v1.3. go takes a byte or an end on the stream it opened for our
/// death and forgets all it knows of us: nothing is written there, and nothing ended before the remote ends it. One stream a peer and
/// direction, over all four ids and all connections.
/// <code>
/// initiator  varint length, Rpc: the subscriptions, since 1.3 also the extensions  ->   responder   first on every stream
/// initiator  varint length, Rpc ...  ->                                                 responder   never a byte back, nor an end
/// </code>
/// </remarks>
[Protocol("/meshsub/1.3.0", "/meshsub/1.2.0", "/meshsub/1.1.0", "/meshsub/1.0.0")]
[Limits(MaxMessage = 1 * Size.MiB, MaxSend = 64 * Size.KiB, MaxElements = 16_384, ExchangeSeconds = Seconds.Unbounded,
    IdleSeconds = Seconds.Unbounded, ReadSeconds = 30, InboundPerPeer = 1, OutboundPerPeer = 1, WhenFull = WhenFull.ReplaceOldest)]
public partial interface IGossipsub
{
    /// <summary>Takes RPCs until the stream ends; the first holds all of the remote's subscriptions and, in 1.3, its extensions.</summary>
    [PerPeer(1)]
    ValueTask ReceiveAsync(IAsyncEnumerable<Rpc> rpcs, CallContext context = default);
}
