using System.Diagnostics.CodeAnalysis;
using Libp2p.Addressing.Values;

namespace Libp2p;

/// <summary>
/// One row of the multiaddress protocol table: a code, a name, and how its value looks in bytes and in text. There is one instance
/// per protocol; compare by reference.
/// </summary>
public sealed class MultiaddressProtocol
{
    /// <summary>The <see cref="Size"/> of values that carry their own length.</summary>
    public const int VariableSize = -1;

    private static readonly List<MultiaddressProtocol> s_table = [];

    private MultiaddressProtocol(int code, string name, int size, ComponentValue value)
    {
        Code = code;
        Name = name;
        Size = size;
        Value = value;
        Index = (ushort)s_table.Count;
        s_table.Add(this);
    }

    /// <inheritdoc cref="MultiaddressCode.Ip4"/>
    public static MultiaddressProtocol Ip4 { get; } = new(MultiaddressCode.Ip4, "ip4", 4, new Ip4Value());

    /// <inheritdoc cref="MultiaddressCode.Tcp"/>
    public static MultiaddressProtocol Tcp { get; } = Port(MultiaddressCode.Tcp, "tcp");

    /// <inheritdoc cref="MultiaddressCode.Dccp"/>
    public static MultiaddressProtocol Dccp { get; } = Port(MultiaddressCode.Dccp, "dccp");

    /// <inheritdoc cref="MultiaddressCode.Ip6"/>
    public static MultiaddressProtocol Ip6 { get; } = new(MultiaddressCode.Ip6, "ip6", 16, new Ip6Value());

    /// <inheritdoc cref="MultiaddressCode.Ip6Zone"/>
    public static MultiaddressProtocol Ip6Zone { get; } = Named(MultiaddressCode.Ip6Zone, "ip6zone");

    /// <inheritdoc cref="MultiaddressCode.IpCidr"/>
    public static MultiaddressProtocol IpCidr { get; } = new(MultiaddressCode.IpCidr, "ipcidr", 1, new NumberValue(1));

    /// <inheritdoc cref="MultiaddressCode.Dns"/>
    public static MultiaddressProtocol Dns { get; } = Named(MultiaddressCode.Dns, "dns");

    /// <inheritdoc cref="MultiaddressCode.Dns4"/>
    public static MultiaddressProtocol Dns4 { get; } = Named(MultiaddressCode.Dns4, "dns4");

    /// <inheritdoc cref="MultiaddressCode.Dns6"/>
    public static MultiaddressProtocol Dns6 { get; } = Named(MultiaddressCode.Dns6, "dns6");

    /// <inheritdoc cref="MultiaddressCode.DnsAddr"/>
    public static MultiaddressProtocol DnsAddr { get; } = Named(MultiaddressCode.DnsAddr, "dnsaddr");

    /// <inheritdoc cref="MultiaddressCode.Sctp"/>
    public static MultiaddressProtocol Sctp { get; } = Port(MultiaddressCode.Sctp, "sctp");

    /// <inheritdoc cref="MultiaddressCode.Udp"/>
    public static MultiaddressProtocol Udp { get; } = Port(MultiaddressCode.Udp, "udp");

    /// <inheritdoc cref="MultiaddressCode.P2pWebRtcStar"/>
    public static MultiaddressProtocol P2pWebRtcStar { get; } = Marker(MultiaddressCode.P2pWebRtcStar, "p2p-webrtc-star");

    /// <inheritdoc cref="MultiaddressCode.P2pWebRtcDirect"/>
    public static MultiaddressProtocol P2pWebRtcDirect { get; } = Marker(MultiaddressCode.P2pWebRtcDirect, "p2p-webrtc-direct");

    /// <inheritdoc cref="MultiaddressCode.P2pStardust"/>
    public static MultiaddressProtocol P2pStardust { get; } = Marker(MultiaddressCode.P2pStardust, "p2p-stardust");

    /// <inheritdoc cref="MultiaddressCode.WebRtcDirect"/>
    public static MultiaddressProtocol WebRtcDirect { get; } = Marker(MultiaddressCode.WebRtcDirect, "webrtc-direct");

    /// <inheritdoc cref="MultiaddressCode.WebRtc"/>
    public static MultiaddressProtocol WebRtc { get; } = Marker(MultiaddressCode.WebRtc, "webrtc");

    /// <inheritdoc cref="MultiaddressCode.P2pCircuit"/>
    public static MultiaddressProtocol P2pCircuit { get; } = Marker(MultiaddressCode.P2pCircuit, "p2p-circuit");

    /// <inheritdoc cref="MultiaddressCode.Udt"/>
    public static MultiaddressProtocol Udt { get; } = Marker(MultiaddressCode.Udt, "udt");

    /// <inheritdoc cref="MultiaddressCode.Utp"/>
    public static MultiaddressProtocol Utp { get; } = Marker(MultiaddressCode.Utp, "utp");

    // go keeps the leading slash in the value and takes the rest of the text; rust and js take one segment, without the slash.
    /// <inheritdoc cref="MultiaddressCode.Unix"/>
    public static MultiaddressProtocol Unix { get; } = new(MultiaddressCode.Unix, "unix", VariableSize, new PathValue());

    // In the multicodec table only.
    /// <inheritdoc cref="MultiaddressCode.Thread"/>
    public static MultiaddressProtocol Thread { get; } = Marker(MultiaddressCode.Thread, "thread");

    /// <inheritdoc cref="MultiaddressCode.P2p"/>
    public static MultiaddressProtocol P2p { get; } = new(MultiaddressCode.P2p, "p2p", VariableSize, new PeerIdValue());

    /// <inheritdoc cref="MultiaddressCode.Https"/>
    public static MultiaddressProtocol Https { get; } = Marker(MultiaddressCode.Https, "https");

    /// <inheritdoc cref="MultiaddressCode.Onion"/>
    public static MultiaddressProtocol Onion { get; } = new(MultiaddressCode.Onion, "onion", 12, new OnionValue(10));

    /// <inheritdoc cref="MultiaddressCode.Onion3"/>
    public static MultiaddressProtocol Onion3 { get; } = new(MultiaddressCode.Onion3, "onion3", 37, new OnionValue(35));

    // js writes the text of garlic addresses as bytes; go and rust decode it.
    /// <inheritdoc cref="MultiaddressCode.Garlic64"/>
    public static MultiaddressProtocol Garlic64 { get; } =
        new(MultiaddressCode.Garlic64, "garlic64", VariableSize, GarlicValue.Destination);

    /// <inheritdoc cref="MultiaddressCode.Garlic32"/>
    public static MultiaddressProtocol Garlic32 { get; } =
        new(MultiaddressCode.Garlic32, "garlic32", VariableSize, GarlicValue.Hash);

    /// <inheritdoc cref="MultiaddressCode.Tls"/>
    public static MultiaddressProtocol Tls { get; } = Marker(MultiaddressCode.Tls, "tls");

    /// <inheritdoc cref="MultiaddressCode.Sni"/>
    public static MultiaddressProtocol Sni { get; } = Named(MultiaddressCode.Sni, "sni");

    /// <inheritdoc cref="MultiaddressCode.Noise"/>
    public static MultiaddressProtocol Noise { get; } = Marker(MultiaddressCode.Noise, "noise");

    /// <inheritdoc cref="MultiaddressCode.Shs"/>
    public static MultiaddressProtocol Shs { get; } = Marker(MultiaddressCode.Shs, "shs");

    /// <inheritdoc cref="MultiaddressCode.Quic"/>
    public static MultiaddressProtocol Quic { get; } = Marker(MultiaddressCode.Quic, "quic");

    /// <inheritdoc cref="MultiaddressCode.QuicV1"/>
    public static MultiaddressProtocol QuicV1 { get; } = Marker(MultiaddressCode.QuicV1, "quic-v1");

    /// <inheritdoc cref="MultiaddressCode.WebTransport"/>
    public static MultiaddressProtocol WebTransport { get; } = Marker(MultiaddressCode.WebTransport, "webtransport");

    /// <inheritdoc cref="MultiaddressCode.CertHash"/>
    public static MultiaddressProtocol CertHash { get; } =
        new(MultiaddressCode.CertHash, "certhash", VariableSize, new CertHashValue());

    /// <inheritdoc cref="MultiaddressCode.Ws"/>
    public static MultiaddressProtocol Ws { get; } = Marker(MultiaddressCode.Ws, "ws");

    /// <inheritdoc cref="MultiaddressCode.Wss"/>
    public static MultiaddressProtocol Wss { get; } = Marker(MultiaddressCode.Wss, "wss");

    /// <inheritdoc cref="MultiaddressCode.P2pWebSocketStar"/>
    public static MultiaddressProtocol P2pWebSocketStar { get; } = Marker(MultiaddressCode.P2pWebSocketStar, "p2p-websocket-star");

    /// <inheritdoc cref="MultiaddressCode.Http"/>
    public static MultiaddressProtocol Http { get; } = Marker(MultiaddressCode.Http, "http");

    /// <inheritdoc cref="MultiaddressCode.HttpPath"/>
    public static MultiaddressProtocol HttpPath { get; } =
        new(MultiaddressCode.HttpPath, "http-path", VariableSize, new HttpPathValue());

    // The registry says variable; go and rust use a fixed 64-bit number, js free text. We do as go and rust.
    /// <inheritdoc cref="MultiaddressCode.Memory"/>
    public static MultiaddressProtocol Memory { get; } = new(MultiaddressCode.Memory, "memory", 8, new NumberValue(8));

    // silverpine, plaintextv2 and scion are reserved codes without a published text form; variable values are read as names.
    /// <inheritdoc cref="MultiaddressCode.Silverpine"/>
    public static MultiaddressProtocol Silverpine { get; } = Named(MultiaddressCode.Silverpine, "silverpine");

    /// <inheritdoc cref="MultiaddressCode.PlaintextV2"/>
    public static MultiaddressProtocol PlaintextV2 { get; } = Marker(MultiaddressCode.PlaintextV2, "plaintextv2");

    /// <inheritdoc cref="MultiaddressCode.Scion"/>
    public static MultiaddressProtocol Scion { get; } = Named(MultiaddressCode.Scion, "scion");

    /// <summary>Every protocol known. An address with another one cannot be read at all: its value has no known length.</summary>
    public static IReadOnlyList<MultiaddressProtocol> All { get; } = s_table.AsReadOnly();

    /// <summary>The code, which is what goes on the wire.</summary>
    public int Code { get; }

    /// <summary>The name used in text.</summary>
    public string Name { get; }

    /// <summary>Length of the value in bytes: 0 for none, <see cref="VariableSize"/> when it carries its length.</summary>
    public int Size { get; }

    /// <summary>Whether the value takes the rest of the address, slashes included, so that nothing can follow.</summary>
    public bool IsPath => Value is PathValue;

    internal ComponentValue Value { get; }

    /// <summary>Position in <see cref="All"/>.</summary>
    internal ushort Index { get; }

    /// <summary>Finds a protocol by its code.</summary>
    public static bool TryGet(int code, [NotNullWhen(true)] out MultiaddressProtocol? protocol) =>
        MultiaddressProtocolIndex.ByCode.TryGetValue(code, out protocol);

    /// <summary>Finds a protocol by its name. <c>ipfs</c>, the former name of <c>p2p</c>, is understood too.</summary>
    public static bool TryGet(ReadOnlySpan<char> name, [NotNullWhen(true)] out MultiaddressProtocol? protocol) =>
        MultiaddressProtocolIndex.ByName.TryGetValue(name, out protocol);

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    internal static MultiaddressProtocol At(ushort index) => s_table[index];

    private static MultiaddressProtocol Port(int code, string name) => new(code, name, 2, new NumberValue(2));

    private static MultiaddressProtocol Named(int code, string name) => new(code, name, VariableSize, new NameValue());

    private static MultiaddressProtocol Marker(int code, string name) => new(code, name, 0, new NoValue());
}
