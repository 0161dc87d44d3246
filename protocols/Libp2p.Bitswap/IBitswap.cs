namespace Libp2p.Bitswap;

/// <summary>Exchanges blocks: each side tells the other what it wants, has and sends.</summary>
/// <remarks>
/// https://github.com/ipfs/specs/blob/main/src/bitswap-protocol.md. Each side writes on streams of its own only. Ours is one long-lived
/// stream to each peer; boxo's server opens one for each message, so many may come in. The agreed id decides what a stream may carry:
/// <see cref="BitswapMessage.Blocks"/> before 1.1, <see cref="BitswapMessage.Payload"/> since, presences since 1.2.
/// <code>
/// initiator  varint length, BitswapMessage ...  ->   responder   never a byte back, nor an end
/// </code>
/// </remarks>
[Protocol("/ipfs/bitswap/1.2.0", "/ipfs/bitswap/1.1.0", "/ipfs/bitswap/1.0.0", "/ipfs/bitswap")]
[Limits(MaxMessage = 4 * Size.MiB, MaxElements = 16_384, ExchangeSeconds = Seconds.Unbounded, IdleSeconds = Seconds.Unbounded,
    ReadSeconds = 120, InboundPerPeer = 32, OutboundPerPeer = 1, WhenFull = WhenFull.ReplaceOldest)]
public partial interface IBitswap
{
    /// <summary>Takes messages until the remote ends the stream. What we answer goes out on a stream of ours.</summary>
    [PerPeer(1)]
    ValueTask ReceiveAsync(IAsyncEnumerable<BitswapMessage> messages, CallContext context = default);
}
