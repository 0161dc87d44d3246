namespace Libp2p;

/// <summary>
/// Protocol codes of multiaddresses as constants, for <c>switch</c> statements; <see cref="MultiaddressProtocol"/> tells the rest.
/// The table is https://github.com/multiformats/multiaddr/blob/master/protocols.csv.
/// </summary>
public static class MultiaddressCode
{
    /// <summary>An IPv4 address.</summary>
    public const int Ip4 = 4;

    /// <summary>A TCP port.</summary>
    public const int Tcp = 6;

    /// <summary>A DCCP port.</summary>
    public const int Dccp = 33;

    /// <summary>An IPv6 address.</summary>
    public const int Ip6 = 41;

    /// <summary>The zone of the IPv6 address that follows.</summary>
    public const int Ip6Zone = 42;

    /// <summary>The mask length of the IP address before it; for filters, not for dialling.</summary>
    public const int IpCidr = 43;

    /// <summary>A host name with IPv4 and IPv6 addresses.</summary>
    public const int Dns = 53;

    /// <summary>A host name with IPv4 addresses.</summary>
    public const int Dns4 = 54;

    /// <summary>A host name with IPv6 addresses.</summary>
    public const int Dns6 = 55;

    /// <summary>A name whose TXT records hold multiaddresses.</summary>
    public const int DnsAddr = 56;

    /// <summary>An SCTP port.</summary>
    public const int Sctp = 132;

    /// <summary>A UDP port.</summary>
    public const int Udp = 273;

    /// <summary>WebRTC by a star server; deprecated.</summary>
    public const int P2pWebRtcStar = 275;

    /// <summary>An older WebRTC; deprecated.</summary>
    public const int P2pWebRtcDirect = 276;

    /// <summary>Stardust; deprecated.</summary>
    public const int P2pStardust = 277;

    /// <summary>WebRTC to a listener, without signalling.</summary>
    public const int WebRtcDirect = 280;

    /// <summary>WebRTC between browsers, signalled through a relay.</summary>
    public const int WebRtc = 281;

    /// <summary>What is before it is a relay, what follows is the peer behind it.</summary>
    public const int P2pCircuit = 290;

    /// <summary>UDT.</summary>
    public const int Udt = 301;

    /// <summary>uTP.</summary>
    public const int Utp = 302;

    /// <summary>The path of a Unix domain socket; nothing can follow it.</summary>
    public const int Unix = 400;

    /// <summary>A textile thread.</summary>
    public const int Thread = 406;

    /// <summary>A peer id; written <c>ipfs</c> in old texts.</summary>
    public const int P2p = 421;

    /// <summary>HTTPS; an older way to say TLS then HTTP.</summary>
    public const int Https = 443;

    /// <summary>A Tor v2 onion service and its port.</summary>
    public const int Onion = 444;

    /// <summary>A Tor v3 onion service and its port.</summary>
    public const int Onion3 = 445;

    /// <summary>An I2P destination in full.</summary>
    public const int Garlic64 = 446;

    /// <summary>An I2P destination's hash.</summary>
    public const int Garlic32 = 447;

    /// <summary>TLS.</summary>
    public const int Tls = 448;

    /// <summary>The server name for TLS.</summary>
    public const int Sni = 449;

    /// <summary>Noise.</summary>
    public const int Noise = 454;

    /// <summary>Secure Scuttlebutt's handshake.</summary>
    public const int Shs = 456;

    /// <summary>QUIC draft 29; nobody speaks it any more.</summary>
    public const int Quic = 460;

    /// <summary>QUIC version 1 (RFC 9000).</summary>
    public const int QuicV1 = 461;

    /// <summary>WebTransport.</summary>
    public const int WebTransport = 465;

    /// <summary>The multihash of a certificate that the peer uses.</summary>
    public const int CertHash = 466;

    /// <summary>WebSocket.</summary>
    public const int Ws = 477;

    /// <summary>WebSocket over TLS; an older way to say TLS then WebSocket.</summary>
    public const int Wss = 478;

    /// <summary>WebSocket by a star server; deprecated.</summary>
    public const int P2pWebSocketStar = 479;

    /// <summary>HTTP.</summary>
    public const int Http = 480;

    /// <summary>The path of an HTTP resource.</summary>
    public const int HttpPath = 481;

    /// <summary>A number within one process, for tests.</summary>
    public const int Memory = 777;

    /// <summary>Silverpine.</summary>
    public const int Silverpine = 0x3F42;

    /// <summary>No security at all, for tests.</summary>
    public const int PlaintextV2 = 0x706C61;

    /// <summary>SCION.</summary>
    public const int Scion = 0xD02000;
}
