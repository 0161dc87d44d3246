namespace Libp2p.Protocols.Http;

/// <summary>HTTP/1.1: one request and its response a stream.</summary>
/// <remarks>
/// https://github.com/libp2p/specs/blob/master/http/README.md. HTTP frames itself: neither keep-alive nor pipelining, and the caller's
/// identity is the connection's peer.
/// <code>
/// initiator  GET / HTTP/1.1 ..., the body, the end  ->
///            &lt;-  HTTP/1.1 200 OK ..., the body, the end   responder
/// </code>
/// </remarks>
[Protocol("/http/1.1")]
[Limits(ExchangeSeconds = Seconds.Unbounded, IdleSeconds = 60, InboundPerPeer = 32, OutboundPerPeer = 32)]
public partial interface IHttp
{
    /// <summary>Serves the request that is on the stream; a server that outlives this call detaches it.</summary>
    ValueTask ServeAsync(P2PStream stream, CallContext context = default);
}
