using Libp2p.Addressing;

namespace Libp2p;

/// <content>From where the address can be reached.</content>
public sealed partial class Multiaddress
{
    /// <summary>
    /// From where the first component can be reached; an <c>ip6zone</c> before it is passed over. For a relayed address this is about
    /// the relay. Allocates nothing and resolves nothing.
    /// <para>
    /// Addresses that carry an IPv4 address judge that one: mapped addresses (<c>::ffff:10.0.0.1</c>), and NAT64's well-known prefix,
    /// which is public only around a public address. NAT64's local prefix counts as public, for nobody can tell what it hides.
    /// </para>
    /// </summary>
    public MultiaddressReach Reach
    {
        get
        {
            int at = Count > 1 && this[0].Code == MultiaddressCode.Ip6Zone ? 1 : 0;

            if (at >= Count)
            {
                return MultiaddressReach.Unknown;
            }

            return this[at].Code switch
            {
                MultiaddressCode.Ip4 => IPReach.OfIPv4(this[at].Value),
                MultiaddressCode.Ip6 => IPReach.OfIPv6(this[at].Value),
                MultiaddressCode.Dns or MultiaddressCode.Dns4 or MultiaddressCode.Dns6 or MultiaddressCode.DnsAddr =>
                    DnsReach.Of(this[at].Value),
                _ => MultiaddressReach.Unknown,
            };
        }
    }

    /// <summary>Whether it can be reached from anywhere, as far as the address tells.</summary>
    public bool IsPublic => Reach == MultiaddressReach.Public;

    /// <summary>Whether it can be reached from nearby only: the same network, link or machine.</summary>
    public bool IsPrivate => Reach is MultiaddressReach.Private or MultiaddressReach.Loopback or MultiaddressReach.LinkLocal;

    /// <summary>Whether it starts with a host name, which is resolved before anything can be dialled: dns, dns4, dns6 or dnsaddr.</summary>
    public bool StartsWithName => Count > 0
        && this[0].Code is MultiaddressCode.Dns or MultiaddressCode.Dns4 or MultiaddressCode.Dns6 or MultiaddressCode.DnsAddr;

    /// <summary>Whether it starts with an IPv6 address that a NAT64 translates to IPv4 (RFC 6052, RFC 8215).</summary>
    public bool IsNat64 => Count > 0 && this[0].Code == MultiaddressCode.Ip6 && IPReach.IsNat64(this[0].Value);
}
