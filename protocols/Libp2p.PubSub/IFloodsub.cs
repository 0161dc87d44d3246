namespace Libp2p.PubSub;

/// <summary>The streams of floodsub: gossipsub's RPC without control, long-lived in go, one RPC each in rust.</summary>
/// <remarks>
/// https://github.com/libp2p/specs/blob/master/pubsub/README.md. Many streams may come in, and none replaces one that is still being read.
/// <code>
/// initiator  varint length, Rpc; in go more of them, in rust the end  ->   responder   never a byte back, nor an end
/// </code>
/// </remarks>
[Protocol("/floodsub/1.0.0")]
[Limits(MaxMessage = 1 * Size.MiB, MaxSend = 2 * Size.KiB, MaxElements = 16_384, ExchangeSeconds = Seconds.Unbounded,
    IdleSeconds = Seconds.Unbounded, ReadSeconds = 30, InboundPerPeer = 32, OutboundPerPeer = 1, WhenFull = WhenFull.ReplaceOldest)]
public partial interface IFloodsub
{
    /// <summary>Takes RPCs until the stream ends, be it after the first.</summary>
    ValueTask ReceiveAsync(IAsyncEnumerable<Rpc> rpcs, CallContext context = default);
}
