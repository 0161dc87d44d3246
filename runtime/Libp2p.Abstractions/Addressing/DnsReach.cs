using System.Text;

namespace Libp2p.Addressing;

/// <summary>Judges host names by the top-level names set aside (https://www.iana.org/assignments/special-use-domain-names).</summary>
internal static class DnsReach
{
    /// <summary>Judges the bytes of a name, in any letter case, with or without the dot of the root.</summary>
    public static MultiaddressReach Of(ReadOnlySpan<byte> name)
    {
        name = name.EndsWith("."u8) ? name[..^1] : name;

        return IsUnder(name, "localhost"u8) ? MultiaddressReach.Loopback // RFC 6761
            : IsUnder(name, "local"u8) // RFC 6762: multicast DNS
                || IsUnder(name, "home.arpa"u8) // RFC 8375
                || IsUnder(name, "internal"u8) // set aside by ICANN for private networks
                || IsUnder(name, "test"u8) // RFC 6761
                || IsUnder(name, "example"u8) // RFC 6761
                || IsUnder(name, "invalid"u8) // RFC 6761
                || IsUnder(name, "onion"u8) // RFC 7686
                || IsUnder(name, "alt"u8) // RFC 9476
                || IsUnder(name, "in-addr.arpa"u8) // reverse lookups
                || IsUnder(name, "ip6.arpa"u8)
                ? MultiaddressReach.SpecialUse
            : MultiaddressReach.Public;
    }

    private static bool IsUnder(ReadOnlySpan<byte> name, ReadOnlySpan<byte> top) =>
        name.Length >= top.Length
        && Ascii.EqualsIgnoreCase(name[^top.Length..], top)
        && (name.Length == top.Length || name[^(top.Length + 1)] == '.');
}
