using System.Buffers.Binary;

namespace Libp2p.Addressing;

/// <summary>
/// Judges IP addresses by the registries of special-purpose addresses
/// (https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry).
/// </summary>
internal static class IPReach
{
    // The first network that holds the address decides.
    private static readonly Network[] s_ipv4 =
    [
        Network.V4(0, 0, 0, 0, 32, MultiaddressReach.Unspecified),
        Network.V4(0, 0, 0, 0, 8, MultiaddressReach.SpecialUse),
        Network.V4(10, 0, 0, 0, 8, MultiaddressReach.Private),
        Network.V4(100, 64, 0, 0, 10, MultiaddressReach.Private), // carrier-grade NAT
        Network.V4(127, 0, 0, 0, 8, MultiaddressReach.Loopback),
        Network.V4(169, 254, 0, 0, 16, MultiaddressReach.LinkLocal),
        Network.V4(172, 16, 0, 0, 12, MultiaddressReach.Private),
        Network.V4(192, 0, 0, 0, 24, MultiaddressReach.SpecialUse), // protocol assignments
        Network.V4(192, 0, 2, 0, 24, MultiaddressReach.SpecialUse), // documentation
        Network.V4(192, 88, 99, 0, 24, MultiaddressReach.SpecialUse), // 6to4 relays, abandoned
        Network.V4(192, 168, 0, 0, 16, MultiaddressReach.Private),
        Network.V4(198, 18, 0, 0, 15, MultiaddressReach.SpecialUse), // benchmarks
        Network.V4(198, 51, 100, 0, 24, MultiaddressReach.SpecialUse), // documentation
        Network.V4(203, 0, 113, 0, 24, MultiaddressReach.SpecialUse), // documentation
        Network.V4(224, 0, 0, 0, 3, MultiaddressReach.SpecialUse), // multicast, reserved, broadcast
    ];

    private static readonly Network[] s_ipv6 =
    [
        Network.V6(0, 0, 128, MultiaddressReach.Unspecified),
        Network.V6(0, 1, 128, MultiaddressReach.Loopback),
        Network.V6(0x0064_FF9B_0001_0000, 0, 48, MultiaddressReach.Public), // NAT64, local prefix
        Network.V6(0xFC00_0000_0000_0000, 0, 7, MultiaddressReach.Private), // unique local
        Network.V6(0xFE80_0000_0000_0000, 0, 10, MultiaddressReach.LinkLocal),
        Network.V6(0x2001_0DB8_0000_0000, 0, 32, MultiaddressReach.SpecialUse), // documentation
        Network.V6(0x3FFF_0000_0000_0000, 0, 20, MultiaddressReach.SpecialUse), // documentation
        Network.V6(0x2000_0000_0000_0000, 0, 3, MultiaddressReach.Public), // global unicast
    ];

    private static readonly Network s_mapped = Network.V6(0, 0x0000_FFFF_0000_0000, 96, default);
    private static readonly Network s_nat64 = Network.V6(0x0064_FF9B_0000_0000, 0, 96, default);
    private static readonly Network s_localNat64 = Network.V6(0x0064_FF9B_0001_0000, 0, 48, default);

    /// <summary>Judges the four bytes of an IPv4 address.</summary>
    public static MultiaddressReach OfIPv4(ReadOnlySpan<byte> address) =>
        Find(s_ipv4, new UInt128((ulong)BinaryPrimitives.ReadUInt32BigEndian(address) << 32, 0)) ?? MultiaddressReach.Public;

    /// <summary>Judges the sixteen bytes of an IPv6 address.</summary>
    public static MultiaddressReach OfIPv6(ReadOnlySpan<byte> address)
    {
        UInt128 number = BinaryPrimitives.ReadUInt128BigEndian(address);

        if (s_mapped.Contains(number))
        {
            return OfIPv4(address[12..]);
        }

        if (s_nat64.Contains(number))
        {
            return OfIPv4(address[12..]) == MultiaddressReach.Public ? MultiaddressReach.Public : MultiaddressReach.SpecialUse;
        }

        return Find(s_ipv6, number) ?? MultiaddressReach.SpecialUse;
    }

    /// <summary>Whether the sixteen bytes of an IPv6 address lie in a NAT64 prefix.</summary>
    public static bool IsNat64(ReadOnlySpan<byte> address)
    {
        UInt128 number = BinaryPrimitives.ReadUInt128BigEndian(address);
        return s_nat64.Contains(number) || s_localNat64.Contains(number);
    }

    private static MultiaddressReach? Find(Network[] networks, UInt128 address)
    {
        foreach (Network network in networks)
        {
            if (network.Contains(address))
            {
                return network.Reach;
            }
        }

        return null;
    }

    /// <summary>A prefix, left-aligned in 128 bits for both families.</summary>
    private readonly record struct Network(UInt128 Prefix, int Length, MultiaddressReach Reach)
    {
        public static Network V4(byte a, byte b, byte c, byte d, int length, MultiaddressReach reach) =>
            new(new UInt128(((ulong)a << 56) | ((ulong)b << 48) | ((ulong)c << 40) | ((ulong)d << 32), 0), length, reach);

        public static Network V6(ulong upper, ulong lower, int length, MultiaddressReach reach) =>
            new(new UInt128(upper, lower), length, reach);

        public bool Contains(UInt128 address) => (address ^ Prefix) >> (128 - Length) == 0;
    }
}
