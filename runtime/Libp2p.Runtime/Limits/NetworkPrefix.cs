using System.Buffers.Binary;

namespace Libp2p.Limits;

/// <summary>
/// Whom an address is counted to: an IPv4 address, an IPv6 /56, as one customer has, or a /48, as one network has. Behind a relay, the
/// relay, apart from its own connections.
/// </summary>
/// <param name="Bits">The upper bits of the address; an IPv4 address as IPv6 maps it.</param>
/// <param name="Length">How many bits count.</param>
/// <param name="IsRelayed">Whether it is that of a relay.</param>
internal readonly record struct NetworkPrefix(UInt128 Bits, int Length, bool IsRelayed)
{
    /// <summary>An IPv4 address, and what one customer and one network have of IPv6.</summary>
    public const int Whole = 128, Customer = 56, Network = 48;

    private static readonly UInt128 s_mapped = (UInt128)0xFFFF << 32; // ::ffff:0:0/96

    /// <summary>The address at the start of a multiaddress; null where there is none, or it is loopback.</summary>
    public static NetworkPrefix? Of(Multiaddress address)
    {
        int at = address.Count > 1 && address[0].Code == MultiaddressCode.Ip6Zone ? 1 : 0;
        MultiaddressReach reach = address.Reach;
        if (reach == MultiaddressReach.Loopback || address.Count <= at)
        {
            return null;
        }

        bool isRelayed = address.Contains(MultiaddressProtocol.P2pCircuit);
        switch (address[at].Code)
        {
            case MultiaddressCode.Ip4:
                return new NetworkPrefix(s_mapped | BinaryPrimitives.ReadUInt32BigEndian(address[at].Value), Whole, isRelayed);
            case MultiaddressCode.Ip6:
                UInt128 bits = BinaryPrimitives.ReadUInt128BigEndian(address[at].Value);
                bool isOneHost = bits >> 32 == s_mapped >> 32 || reach == MultiaddressReach.LinkLocal; // of a link all share the prefix
                return isOneHost ? new NetworkPrefix(bits, Whole, isRelayed) : new NetworkPrefix(bits, Whole, isRelayed).Shorten(Customer);
            default:
                return null;
        }
    }

    /// <summary>A shorter prefix of the same address.</summary>
    public NetworkPrefix Shorten(int length) => new(Bits >> (128 - length) << (128 - length), length, IsRelayed);
}
