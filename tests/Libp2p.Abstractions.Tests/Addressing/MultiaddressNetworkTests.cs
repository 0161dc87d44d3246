using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Libp2p.Tests.Addressing;

/// <summary>What addresses mean to sockets: reach, endpoints, hosts, URLs.</summary>
public class MultiaddressNetworkTests
{
    private const string File = "multiaddr/netaddr.json";

    [Fact]
    public void Tells_public_from_private() => Assert.All(VectorFile.Rows(File, "public_private"), static row =>
    {
        Multiaddress address = Multiaddress.Parse(row.Text("address"));

        Assert.Equal(row.GetProperty("public").GetBoolean(), address.IsPublic);
        Assert.Equal(row.GetProperty("private").GetBoolean(), address.IsPrivate);
    });

    [Fact]
    public void Knows_nat64() => Assert.All(VectorFile.Rows(File, "nat64"), static row =>
        Assert.Equal(row.GetProperty("nat64_ipv4_converted").GetBoolean(), Multiaddress.Parse(row.Text("address")).IsNat64));

    [Theory]
    [InlineData("/dns/example.com/tcp/1", true)]
    [InlineData("/dns4/example.com/tcp/1", true)]
    [InlineData("/dns6/example.com", true)]
    [InlineData("/dnsaddr/example.com", true)]
    [InlineData("/ip4/127.0.0.1/tcp/1/dns/example.com", false)]
    [InlineData("/memory/1", false)]
    public void Knows_an_address_that_starts_with_a_name(string address, bool startsWithName) =>
        Assert.Equal(startsWithName, Multiaddress.Parse(address).StartsWithName);

    [Fact]
    public void Knows_the_thin_waist() => Assert.All(VectorFile.Rows(File, "thin_waist"), static row =>
        Assert.Equal(
            row.GetProperty("thin_waist").GetBoolean(),
            MultiaddressPattern.ThinWaist.Matches(Multiaddress.Parse(row.Text("address")))));

    [Fact]
    public void Gives_what_a_socket_needs() => Assert.All(VectorFile.Rows(File, "dial_args"), static row =>
    {
        bool found = Multiaddress.Parse(row.Text("address")).TryGetHost(out MultiaddressHost host);

        if (row.TryGetProperty("error", out _))
        {
            Assert.False(found);
            return;
        }

        string family = host.Family switch { AddressFamily.InterNetwork => "4", AddressFamily.InterNetworkV6 => "6", _ => "" };
        string name = !host.IsName && host.Family == AddressFamily.InterNetworkV6 && host.Transport is not null
            ? $"[{host.Name}]"
            : host.Name;

        Assert.True(found);
        Assert.Equal(row.Text("network"), (host.Transport?.Name ?? "ip") + family);
        Assert.Equal(row.Text("host"), host.Transport is null ? name : $"{name}:{host.Port}");
    });

    [Fact]
    public void Feeds_the_filters_of_the_platform() => Assert.All(VectorFile.Rows(File, "cidr_filter"), static row =>
    {
        IPNetwork[] denied = [.. Strings(row, "deny").Select(static text => IPNetwork.Parse(text))];

        Assert.All(Strings(row, "blocked"), text => Assert.True(IsDenied(text)));
        Assert.All(Strings(row, "allowed"), text => Assert.False(IsDenied(text)));

        bool IsDenied(string text) =>
            Multiaddress.Parse(text)[0].TryGetIPAddress(out IPAddress? address) && denied.Any(network => network.Contains(address));
    });

    [Theory]
    [InlineData("/ip4/0.0.0.0/tcp/0", MultiaddressReach.Unspecified)]
    [InlineData("/ip4/0.1.2.3/tcp/0", MultiaddressReach.SpecialUse)]
    [InlineData("/ip4/127.1.2.3/tcp/1", MultiaddressReach.Loopback)]
    [InlineData("/ip4/169.254.9.9/tcp/1", MultiaddressReach.LinkLocal)]
    [InlineData("/ip4/100.64.0.1/tcp/1", MultiaddressReach.Private)]
    [InlineData("/ip4/100.128.0.1/tcp/1", MultiaddressReach.Public)]
    [InlineData("/ip4/172.31.255.255/tcp/1", MultiaddressReach.Private)]
    [InlineData("/ip4/172.32.0.0/tcp/1", MultiaddressReach.Public)]
    [InlineData("/ip4/224.0.0.1/udp/1", MultiaddressReach.SpecialUse)]
    [InlineData("/ip4/255.255.255.255/udp/1", MultiaddressReach.SpecialUse)]
    [InlineData("/ip4/223.255.255.255/udp/1", MultiaddressReach.Public)]
    [InlineData("/ip6/::/tcp/1", MultiaddressReach.Unspecified)]
    [InlineData("/ip6/::1/tcp/1", MultiaddressReach.Loopback)]
    [InlineData("/ip6/fd00::1/tcp/1", MultiaddressReach.Private)]
    [InlineData("/ip6/fe80::1/tcp/1", MultiaddressReach.LinkLocal)]
    [InlineData("/ip6zone/eth0/ip6/fe80::1/tcp/1", MultiaddressReach.LinkLocal)]
    [InlineData("/ip6/ff02::1/udp/1", MultiaddressReach.SpecialUse)]
    [InlineData("/ip6/::ffff:10.0.0.1/tcp/1", MultiaddressReach.Private)]
    [InlineData("/ip6/::ffff:1.1.1.1/tcp/1", MultiaddressReach.Public)]
    [InlineData("/ip6/64:ff9b::10.0.0.1/tcp/1", MultiaddressReach.SpecialUse)]
    [InlineData("/ip6/64:ff9b:1::10.0.0.1/tcp/1", MultiaddressReach.Public)]
    [InlineData("/ip6/4000::1/tcp/1", MultiaddressReach.SpecialUse)]
    [InlineData("/dns4/LocalHost./tcp/1", MultiaddressReach.Loopback)]
    [InlineData("/dns4/notlocalhost/tcp/1", MultiaddressReach.Public)]
    [InlineData("/dns6/x.HOME.arpa/tcp/1", MultiaddressReach.SpecialUse)]
    [InlineData("/memory/1", MultiaddressReach.Unknown)]
    [InlineData("/ip6zone/eth0", MultiaddressReach.Unknown)]
    public void Knows_from_where_an_address_can_be_reached(string text, MultiaddressReach reach) =>
        Assert.Equal(reach, Multiaddress.Parse(text).Reach);

    [Theory]
    [InlineData("/ip4/1.2.3.4/tcp/80", "1.2.3.4:80")]
    [InlineData("/ip6/2001:db8::1/udp/443", "[2001:db8::1]:443")]
    [InlineData("/ip6zone/7/ip6/fe80::1/tcp/443", "[fe80::1%7]:443")]
    public void Converts_endpoints_both_ways(string text, string endPoint)
    {
        Multiaddress address = Multiaddress.Parse(text);

        Assert.True(address.TryGetIPEndPoint(out IPEndPoint? found));
        Assert.Equal(endPoint, found.ToString());
        Assert.Equal(address, Multiaddress.FromEndPoint(found, address[^1].Protocol));
        Assert.True(address.Encapsulate("/ws").TryGetIPEndPoint(out _));
    }

    [Fact]
    public void Agrees_with_the_platform_about_addresses()
    {
        Random random = new(4);

        for (int i = 0; i < 5000; i++)
        {
            byte[] bytes = new byte[random.Next(2) == 0 ? 4 : 16];
            random.NextBytes(bytes);

            for (int zeros = random.Next(bytes.Length); zeros > 0; zeros--)
            {
                bytes[random.Next(bytes.Length)] = 0;
            }

            IPAddress address = new(bytes);
            string protocol = bytes.Length == 4 ? "ip4" : "ip6";
            Multiaddress read = Multiaddress.Parse($"/{protocol}/{address}");

            Assert.Equal(bytes, read[0].Value.ToArray());
            Assert.True(read[0].TryGetIPAddress(out IPAddress? same));
            Assert.Equal(address, same);
            Assert.Equal(address, IPAddress.Parse(read[0].ValueText));
        }
    }

    [Fact]
    public void Writes_a_mapped_address_as_what_it_is() => Assert.Equal(
        "/ip4/1.2.3.4/udp/9",
        Multiaddress.FromEndPoint(new IPEndPoint(IPAddress.Parse("::ffff:1.2.3.4"), 9), MultiaddressProtocol.Udp).ToString());

    [Theory]
    [InlineData("/dns/example.com/tcp/80")]
    [InlineData("/ip4/1.2.3.4")]
    [InlineData("/ip4/1.2.3.4/ws")]
    [InlineData("/ip4/1.2.3.4/sctp/1")]
    [InlineData("/tcp/80")]
    [InlineData("/ip6zone/7/ip4/1.2.3.4/tcp/1")]
    [InlineData("/ip6zone/7/tcp/1")]
    [InlineData("/ip6zone/no such interface/ip6/fe80::1/tcp/443")]
    [InlineData("/ip6zone/7]:80[/ip6/fe80::1/tcp/443")]
    public void Gives_no_endpoint_where_there_is_none(string text) =>
        Assert.False(Multiaddress.Parse(text).TryGetIPEndPoint(out _));

    [Fact]
    public void Refuses_a_transport_without_ports()
    {
        Assert.Throws<ArgumentException>(static () => Multiaddress.FromEndPoint(new IPEndPoint(0, 0), MultiaddressProtocol.Ws));
        Assert.Throws<ArgumentException>(static () => Multiaddress.FromEndPoint(new IPEndPoint(0, 0), ProtocolType.Icmp));
    }

    [Fact]
    public void Takes_the_transport_as_sockets_name_it()
    {
        IPEndPoint endPoint = new(IPAddress.Loopback, 53);
        Assert.Equal("/ip4/127.0.0.1/tcp/53", Multiaddress.FromEndPoint(endPoint, ProtocolType.Tcp).ToString());
        Assert.Equal("/ip4/127.0.0.1/udp/53", Multiaddress.FromEndPoint(endPoint, ProtocolType.Udp).ToString());
    }

    [Fact]
    public void Reads_urls_that_lose_nothing() =>
        Assert.All(VectorFile.Rows("multiaddr/from_url.json", "strict_from_url"), static row =>
        {
            bool read = Multiaddress.TryFromUri(new Uri(row.Text("url")), out Multiaddress? address);

            Assert.Equal(row.TryGetProperty("multiaddr", out JsonElement expected), read);
            Assert.Equal(read ? expected.GetString() : null, address?.ToString());
        });

    [Theory]
    [InlineData("ws://[2001:db8::1]:81", "/ip6/2001:db8::1/tcp/81/ws")]
    [InlineData("https://bücher.example", "/dns/xn--bcher-kva.example/tcp/443/https")]
    [InlineData("http://example.com/?q", null)]
    [InlineData("/relative", null)]
    [InlineData("unix:///tmp/x", null)]
    [InlineData("http:///", null)]
    public void Reads_further_urls(string url, string? expected)
    {
        Multiaddress? address = null;
        bool read = Uri.TryCreate(url, UriKind.RelativeOrAbsolute, out Uri? uri) && Multiaddress.TryFromUri(uri, out address);

        Assert.Equal(expected is not null, read);
        Assert.Equal(expected, address?.ToString());
    }

    private static IEnumerable<string> Strings(JsonElement row, string property) =>
        row.GetProperty(property).EnumerateArray().Select(static item => item.GetString()!);
}
