using static Libp2p.MultiaddressProtocol;

namespace Libp2p;

/// <content>
/// The shapes of the transports in use (https://github.com/libp2p/specs/blob/master/addressing/README.md). Those of whole transports
/// end in an optional peer id.
/// </content>
public abstract partial class MultiaddressPattern
{
    // The order matters: each is made of those above it.

    /// <summary>One component of any protocol.</summary>
    public static MultiaddressPattern Any { get; } = new AnyComponent();

    /// <summary><c>ip4 | ip6 | ip6zone ip6</c>.</summary>
    public static MultiaddressPattern Ip { get; } = OneOf(Ip4, Ip6, Sequence(Ip6Zone, Ip6));

    /// <summary><c>dns | dns4 | dns6</c>. Not <c>dnsaddr</c>, which stands for whole addresses.</summary>
    public static MultiaddressPattern DnsName { get; } = OneOf(Dns, Dns4, Dns6);

    /// <summary>An IP address or a host name.</summary>
    public static MultiaddressPattern Host { get; } = Ip.Or(DnsName);

    /// <summary>A TCP address: <c>Host tcp [p2p]</c>.</summary>
    public static MultiaddressPattern Tcp { get; } = Sequence(Host, MultiaddressProtocol.Tcp, Optional(P2p));

    /// <summary>A UDP address: <c>Host udp [p2p]</c>.</summary>
    public static MultiaddressPattern Udp { get; } = Sequence(Host, MultiaddressProtocol.Udp, Optional(P2p));

    /// <summary>WebSocket in the clear: <c>Host tcp ws [p2p]</c>.</summary>
    public static MultiaddressPattern WebSocket { get; } = Sequence(Host, MultiaddressProtocol.Tcp, Ws, Optional(P2p));

    /// <summary>WebSocket over TLS: <c>Host tcp (wss | tls [sni] ws) [p2p]</c>.</summary>
    public static MultiaddressPattern SecureWebSocket { get; } =
        Sequence(Host, MultiaddressProtocol.Tcp, OneOf(Wss, Sequence(Tls, Optional(Sni), Ws)), Optional(P2p));

    /// <summary>QUIC: <c>Host udp quic-v1 [p2p]</c>.</summary>
    public static MultiaddressPattern QuicV1 { get; } =
        Sequence(Host, MultiaddressProtocol.Udp, MultiaddressProtocol.QuicV1, Optional(P2p));

    /// <summary>WebTransport: <c>Host udp quic-v1 webtransport certhash* [p2p]</c>.</summary>
    public static MultiaddressPattern WebTransport { get; } = Sequence(
        Host,
        MultiaddressProtocol.Udp,
        MultiaddressProtocol.QuicV1,
        MultiaddressProtocol.WebTransport,
        Repeated(CertHash),
        Optional(P2p));

    /// <summary>WebRTC to a listener: <c>Host udp webrtc-direct certhash* [p2p]</c>. To dial, a hash must be there.</summary>
    public static MultiaddressPattern WebRtcDirect { get; } = Sequence(
        Host, MultiaddressProtocol.Udp, MultiaddressProtocol.WebRtcDirect, Repeated(CertHash), Optional(P2p));

    /// <summary>
    /// A peer behind a relay: what leads to the relay, <c>p2p-circuit [p2p]</c>. One hop only. The relay's own part is not looked
    /// into, and may be left out when listening.
    /// </summary>
    public static MultiaddressPattern Circuit { get; } = Sequence(Repeated(AnyBut(P2pCircuit)), P2pCircuit, Optional(P2p));

    /// <summary>WebRTC signalled through a relay: what leads to the relay, <c>p2p-circuit webrtc [p2p]</c>.</summary>
    public static MultiaddressPattern WebRtc { get; } =
        Sequence(Repeated(AnyBut(P2pCircuit)), P2pCircuit, MultiaddressProtocol.WebRtc, Optional(P2p));

    /// <summary>Within this process: <c>memory [p2p]</c>.</summary>
    public static MultiaddressPattern Memory { get; } = Sequence(MultiaddressProtocol.Memory, Optional(P2p));

    /// <summary>A Unix domain socket: <c>unix</c>. Its path takes the rest of an address, so that no peer id can follow.</summary>
    public static MultiaddressPattern Unix { get; } = MultiaddressProtocol.Unix;

    /// <summary>
    /// An address that starts at the waist of the Internet: an IP address, then nothing, or <c>tcp</c>, <c>udp</c> or a further IP
    /// address and whatever follows.
    /// </summary>
    public static MultiaddressPattern ThinWaist { get; } = Sequence(
        Ip, Optional(Sequence(OneOf(MultiaddressProtocol.Tcp, MultiaddressProtocol.Udp, Ip4, Ip6), Repeated(Any))));
}
