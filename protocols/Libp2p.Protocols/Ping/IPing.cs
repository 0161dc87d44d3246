namespace Libp2p.Protocols.Ping;

/// <summary>Measures whether and how fast a peer answers: 32 random bytes, which come back unchanged.</summary>
/// <remarks>
/// https://github.com/libp2p/specs/blob/master/ping/ping.md. A responder echoes until the end of the stream; an initiator takes a
/// stream a ping, because streams do not live on: go resets one after 30 s whatever happens on it, js after 10 s, and rust over QUIC
/// answers a second ping only when something else wakes it.
/// <code>
/// initiator  32 bytes  ->
///            &lt;-  the same 32 bytes   responder
/// </code>
/// </remarks>
[Protocol("/ipfs/ping/1.0.0")]
[Reuse(IdleSeconds = 0)]
[Framing(Framing.Fixed, Size = PayloadSize)]
[Connection(Limited = LimitedConnections.Allow)]
[Limits(MaxMessage = PayloadSize, ExchangeSeconds = 10, IdleSeconds = 30,
    InboundPerPeer = 2, OutboundPerPeer = 1, WhenFull = WhenFull.ReplaceOldest)]
public partial interface IPing
{
    /// <summary>Bytes of a ping.</summary>
    const int PayloadSize = 32;

    /// <summary>Returns what it is given.</summary>
    /// <param name="payload">32 bytes.</param>
    /// <param name="context">Cancellation, and who calls.</param>
    [Idempotent]
    ValueTask<ReadOnlyMemory<byte>> PingAsync(ReadOnlyMemory<byte> payload, CallContext context = default);
}
