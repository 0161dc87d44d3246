namespace Libp2p.Tests.Addressing;

public class MultiaddressPatternTests
{
    private const string Peer = "/p2p/12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";
    private const string CertHash = "/certhash/uEiDDq4_xNyDorZBH3TlGazyJdOWSwvo4PUo5YHFMrvDE8g";

    private static readonly Dictionary<string, MultiaddressPattern> s_transports = new()
    {
        ["tcp"] = MultiaddressPattern.Tcp,
        ["udp"] = MultiaddressPattern.Udp,
        ["ws"] = MultiaddressPattern.WebSocket,
        ["wss"] = MultiaddressPattern.SecureWebSocket,
        ["quic"] = MultiaddressPattern.QuicV1,
        ["webtransport"] = MultiaddressPattern.WebTransport,
        ["webrtc-direct"] = MultiaddressPattern.WebRtcDirect,
        ["circuit"] = MultiaddressPattern.Circuit,
        ["webrtc"] = MultiaddressPattern.WebRtc,
        ["memory"] = MultiaddressPattern.Memory,
        ["unix"] = MultiaddressPattern.Unix,
    };

    [Theory]
    [InlineData("/ip4/1.2.3.4/tcp/1", "tcp")]
    [InlineData("/ip6zone/x/ip6/fe80::1/tcp/1" + Peer, "tcp")]
    [InlineData("/dns4/example.com/tcp/1", "tcp")]
    [InlineData("/ip4/1.2.3.4/udp/1" + Peer, "udp")]
    [InlineData("/dns/example.com/tcp/1/ws", "ws")]
    [InlineData("/dns/example.com/tcp/1/ws" + Peer, "ws")]
    [InlineData("/dns/example.com/tcp/1/wss", "wss")]
    [InlineData("/dns/example.com/tcp/1/tls/ws", "wss")]
    [InlineData("/ip4/1.2.3.4/tcp/1/tls/sni/example.com/ws" + Peer, "wss")]
    [InlineData("/ip4/1.2.3.4/udp/1/quic-v1" + Peer, "quic")]
    [InlineData("/ip4/1.2.3.4/udp/1/quic-v1/webtransport", "webtransport")]
    [InlineData("/ip4/1.2.3.4/udp/1/quic-v1/webtransport" + CertHash + CertHash + Peer, "webtransport")]
    [InlineData("/ip4/1.2.3.4/udp/1/webrtc-direct" + CertHash + Peer, "webrtc-direct")]
    [InlineData("/p2p-circuit", "circuit")]
    [InlineData("/ip4/1.2.3.4/tcp/1" + Peer + "/p2p-circuit", "circuit")]
    [InlineData(Peer + "/p2p-circuit" + Peer, "circuit")]
    [InlineData("/ip4/1.2.3.4/tcp/1" + Peer + "/p2p-circuit/webrtc" + Peer, "webrtc")]
    [InlineData("/memory/1" + Peer, "memory")]
    [InlineData("/unix/a/b", "unix")]
    [InlineData("/ip4/1.2.3.4", null)]
    [InlineData("/tcp/1/ip4/1.2.3.4", null)]
    [InlineData("/ip6zone/x/ip4/1.2.3.4/tcp/1", null)]
    [InlineData("/dnsaddr/example.com/tcp/1", null)]
    [InlineData("/ip4/1.2.3.4/tcp/1/tls", null)]
    [InlineData("/ip4/1.2.3.4/tcp/1/tls/sni/example.com", null)]
    [InlineData("/ip4/1.2.3.4/udp/1/quic", null)] // draft 29 is dead
    [InlineData("/ip4/1.2.3.4/tcp/1" + Peer + Peer, null)]
    [InlineData("/p2p-circuit/p2p-circuit", null)] // one hop only
    public void Each_address_belongs_to_one_transport(string text, string? transport)
    {
        Multiaddress address = Multiaddress.Parse(text);
        IEnumerable<string> matching = s_transports.Where(pair => pair.Value.Matches(address)).Select(static pair => pair.Key);
        Assert.Equal(transport is null ? [] : [transport], matching);
    }

    [Fact]
    public void Tells_how_far_it_fits()
    {
        Multiaddress address = Multiaddress.Parse("/ip6zone/x/ip6/fe80::1/tcp/1/ws");

        Assert.True(MultiaddressPattern.Host.MatchesStart(address, out int count));
        Assert.Equal(2, count);
        Assert.False(MultiaddressPattern.DnsName.MatchesStart(address, out count));
        Assert.Equal(0, count);
    }

    [Fact]
    public void Nothing_fits_the_empty_address_but_what_may_be_absent()
    {
        Assert.All(s_transports.Values, static pattern => Assert.False(pattern.Matches(Multiaddress.Empty)));
        Assert.True(MultiaddressPattern.Optional(MultiaddressProtocol.Ws).Matches(Multiaddress.Empty));
        Assert.True(MultiaddressPattern.Repeated(MultiaddressPattern.Any).Matches(Multiaddress.Empty));
        Assert.False(MultiaddressPattern.AnyBut(MultiaddressProtocol.Ws).Matches(Multiaddress.Empty));
    }

    [Fact]
    public void Composes()
    {
        MultiaddressPattern http = MultiaddressPattern.Host
            .Then(MultiaddressProtocol.Tcp)
            .Then(MultiaddressPattern.Of(MultiaddressProtocol.Http).Or(MultiaddressProtocol.Https));

        Assert.True(http.Matches(Multiaddress.Parse("/dns/example.com/tcp/443/https")));
        Assert.True(http.Matches(Multiaddress.Parse("/dns/example.com/tcp/80/http")));
        Assert.False(http.Matches(Multiaddress.Parse("/dns/example.com/tcp/80")));
    }

    [Fact]
    public void A_repetition_of_nothing_ends()
    {
        MultiaddressPattern endless = MultiaddressPattern.Repeated(MultiaddressPattern.Optional(MultiaddressProtocol.Ws));
        Assert.True(endless.Matches(Multiaddress.Parse("/ws/ws/ws")));
        Assert.False(endless.Matches(Multiaddress.Parse("/ws/tcp/1")));
    }
}
