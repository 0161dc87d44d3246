namespace Libp2p.Protocols.Ping;

/// <summary>Measures whether and how fast a peer answers: 32 random bytes, which come back unchanged.</summary>
/// <remarks>
/// https://github.com/libp2p/specs/blob/master/ping/ping.md. One stream carries many pings, one after another. Streams do not live
/// on for ever: go ends one after 10 s without a ping and after 30 s in any case, so a ping whose reused stream fails is sent once
/// more on a fresh one.
/// <code>
/// initiator  32 bytes  ->
///            &lt;-  the same 32 bytes   responder
/// </code>
/// </remarks>
[Protocol("/ipfs/ping/1.0.0"), Reuse, Framing(Framing.Fixed, Size = PayloadSize)]
[Connection(Limited = LimitedConnections.Allow)]
[Limits(MaxMessage = PayloadSize, ExchangeSeconds = 10, IdleSeconds = 60, InboundPerPeer = 2, OutboundPerPeer = 2)]
public partial interface IPing
{
    /// <summary>Bytes of a ping.</summary>
    const int PayloadSize = 32;

    /// <summary>Returns what it is given.</summary>
    /// <param name="payload">32 bytes.</param>
    /// <param name="context">Cancellation, and who calls.</param>
    ValueTask<ReadOnlyMemory<byte>> PingAsync(ReadOnlyMemory<byte> payload, CallContext context = default);
}
