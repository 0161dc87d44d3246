namespace Libp2p.Protocols.Perf;

/// <summary>Measures throughput: an upload until the half-close, then a download. An amplifier, so never registered by default.</summary>
/// <remarks>
/// https://github.com/libp2p/specs/blob/master/perf/perf.md. Nothing bounds the bytes; the idle time bounds a transfer that stalls, at either end.
/// <code>
/// initiator  8 bytes: how many to send back, big-endian; any bytes; the end  ->
///            &lt;-  that many bytes, the end                                        responder
/// </code>
/// </remarks>
[Protocol("/perf/1.0.0")]
[Framing(Framing.Fixed, Size = HeadSize)]
[Connection(Relayed = RelayedConnections.Refuse)]
[Limits(MaxMessage = HeadSize, ExchangeSeconds = Seconds.Unbounded, IdleSeconds = 10, InboundPerPeer = 1, OutboundPerPeer = 1)]
public partial interface IPerf
{
    /// <summary>Bytes of the number.</summary>
    const int HeadSize = 8;

    /// <summary>Reads the upload to its end, then sends as many bytes as it was told first.</summary>
    /// <param name="download">How many: an unsigned 64-bit number in big-endian order.</param>
    /// <param name="transfer">The stream.</param>
    /// <param name="context">Who calls, and when to stop.</param>
    ValueTask MeasureAsync(ReadOnlyMemory<byte> download, P2PStream transfer, CallContext context = default);
}
