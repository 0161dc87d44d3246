namespace Libp2p.Protocols.Perf;

/// <summary>Measures throughput: an upload until the half-close, then a download. An amplifier, so never registered by default.</summary>
/// <remarks>
/// https://github.com/libp2p/specs/blob/master/perf/perf.md. Nothing bounds the bytes; the idle time bounds a transfer that stalls.
/// <code>
/// initiator  8 bytes: how many to send back, big-endian; any bytes; the end  ->
///            &lt;-  that many bytes, the end                                        responder
/// </code>
/// </remarks>
[Protocol("/perf/1.0.0")]
[Connection(Relayed = RelayedConnections.Refuse)]
[Limits(ExchangeSeconds = Seconds.Unbounded, IdleSeconds = 10, InboundPerPeer = 1, OutboundPerPeer = 1)]
public partial interface IPerf
{
    /// <summary>Reads the upload to its end, then sends as many bytes as its first eight say.</summary>
    /// <param name="transfer">The stream.</param>
    /// <param name="context">Who calls, and when to stop.</param>
    ValueTask MeasureAsync(P2PStream transfer, CallContext context = default);
}
