using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Libp2p.Multiformats;

namespace Libp2p;

/// <content>To and from the socket addresses of the platform.</content>
public sealed partial class Multiaddress
{
    private const int MaxZoneLength = 20; // decimal digits of a 64-bit scope id

    /// <summary>
    /// Writes an endpoint as <c>/ip4/…/tcp/…</c> and the like. An IPv4-mapped address, which dual-mode sockets give, becomes an
    /// <c>ip4</c>; a scope id becomes an <c>ip6zone</c> in front.
    /// </summary>
    /// <param name="endPoint">Address and port.</param>
    /// <param name="transport"><c>tcp</c>, <c>udp</c>, <c>sctp</c> or <c>dccp</c>.</param>
    /// <exception cref="ArgumentException">The protocol has no port.</exception>
    public static Multiaddress FromEndPoint(IPEndPoint endPoint, MultiaddressProtocol transport)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        ArgumentNullException.ThrowIfNull(transport);

        if (transport.Code is not (MultiaddressCode.Tcp or MultiaddressCode.Udp or MultiaddressCode.Sctp or MultiaddressCode.Dccp))
        {
            throw new ArgumentException($"'{transport}' has no port.", nameof(transport));
        }

        IPAddress address = endPoint.Address.IsIPv4MappedToIPv6 ? endPoint.Address.MapToIPv4() : endPoint.Address;
        bool isIp4 = address.AddressFamily == AddressFamily.InterNetwork;
        Span<byte> bytes = stackalloc byte[64];
        int length = isIp4 || address.ScopeId == 0 ? 0 : WriteZone(bytes, address.ScopeId);

        length += Varint.Write(bytes[length..], isIp4 ? MultiaddressCode.Ip4 : (ulong)MultiaddressCode.Ip6);
        address.TryWriteBytes(bytes[length..], out int addressLength);
        length += addressLength;
        length += Varint.Write(bytes[length..], (ulong)transport.Code);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[length..], (ushort)endPoint.Port);
        return FromBytes(bytes[..(length + sizeof(ushort))]);
    }

    /// <summary>As the other overload, for what <see cref="Socket.ProtocolType"/> says.</summary>
    /// <param name="endPoint">Address and port.</param>
    /// <param name="transport"><see cref="ProtocolType.Tcp"/> or <see cref="ProtocolType.Udp"/>.</param>
    /// <exception cref="ArgumentException">It is another protocol.</exception>
    public static Multiaddress FromEndPoint(IPEndPoint endPoint, ProtocolType transport) => FromEndPoint(endPoint, transport switch
    {
#pragma warning disable CA1416 // a browser has no sockets of either kind, and here they are only told apart
        ProtocolType.Tcp => MultiaddressProtocol.Tcp,
        ProtocolType.Udp => MultiaddressProtocol.Udp,
#pragma warning restore CA1416
        _ => throw new ArgumentException($"'{transport}' has no multiaddress.", nameof(transport)),
    });

    /// <summary>
    /// The endpoint at the start of the address: <c>[ip6zone] (ip4 | ip6) (tcp | udp)</c>. What follows is not looked at. An IPv4-mapped
    /// IPv6 address (<c>::ffff:1.2.3.4</c>) is given as the IPv4 address that it stands for, because IPv6 sockets reach it only where
    /// they serve both families.
    /// </summary>
    /// <returns>
    /// <see langword="false"/> when it starts otherwise (with a name, for example), or its zone is no interface of this machine.
    /// </returns>
    public bool TryGetIPEndPoint([NotNullWhen(true)] out IPEndPoint? endPoint)
    {
        endPoint = null;
        bool hasZone = Count > 0 && this[0].Code == MultiaddressCode.Ip6Zone;
        int at = hasZone ? 1 : 0;

        if (Count < at + 2
            || !this[at].TryGetIPAddress(out IPAddress? address)
            || this[at + 1].Code is not (MultiaddressCode.Tcp or MultiaddressCode.Udp)
            || !this[at + 1].TryGetPort(out int port))
        {
            return false;
        }

        if (hasZone && !TryAddZone(ref address, this[0]))
        {
            return false;
        }

        endPoint = new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port);
        return true;
    }

    /// <summary>
    /// The host at the start of the address, by number or by name, and its port:
    /// <c>([ip6zone] (ip4 | ip6) | dns | dns4 | dns6) [tcp | udp]</c>. What follows is not looked at. Allocates.
    /// </summary>
    /// <returns><see langword="false"/> when the address starts otherwise.</returns>
    public bool TryGetHost(out MultiaddressHost host)
    {
        host = default;
        bool hasZone = Count > 0 && this[0].Code == MultiaddressCode.Ip6Zone;
        int at = hasZone ? 1 : 0;

        if (at >= Count || (hasZone && this[at].Code != MultiaddressCode.Ip6))
        {
            return false;
        }

        AddressFamily family;

        switch (this[at].Code)
        {
            case MultiaddressCode.Ip4 or MultiaddressCode.Dns4:
                family = AddressFamily.InterNetwork;
                break;
            case MultiaddressCode.Ip6 or MultiaddressCode.Dns6:
                family = AddressFamily.InterNetworkV6;
                break;
            case MultiaddressCode.Dns:
                family = AddressFamily.Unspecified;
                break;
            default:
                return false;
        }

        string name = hasZone ? $"{this[at].ValueText}%{this[0].ValueText}" : this[at].ValueText;
        bool isName = this[at].Code is not (MultiaddressCode.Ip4 or MultiaddressCode.Ip6);
        bool hasTransport = at + 1 < Count && this[at + 1].Code is MultiaddressCode.Tcp or MultiaddressCode.Udp;
        int port = 0;
        _ = hasTransport && this[at + 1].TryGetPort(out port);
        host = new MultiaddressHost(name, family, hasTransport ? this[at + 1].Protocol : null, port, isName);
        return true;
    }

    private static int WriteZone(Span<byte> destination, long scopeId)
    {
        Span<byte> digits = stackalloc byte[MaxZoneLength];
        scopeId.TryFormat(digits, out int count, default, CultureInfo.InvariantCulture);
        int length = Varint.Write(destination, MultiaddressCode.Ip6Zone);
        length += Varint.Write(destination[length..], (ulong)count);
        digits[..count].CopyTo(destination[length..]);
        return length + count;
    }

    private static bool TryAddZone(ref IPAddress address, MultiaddressComponent zone)
    {
        // The platform knows which interface has which number.
        bool known = address.AddressFamily == AddressFamily.InterNetworkV6
            && IPAddress.TryParse($"{address}%{Encoding.UTF8.GetString(zone.Value)}", out IPAddress? zoned)
            && zoned.ScopeId != 0
            && (address = zoned) is not null;
        return known;
    }
}
