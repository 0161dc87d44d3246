using System.Net;
using System.Net.Sockets;

namespace Libp2p.Tests.Addressing;

/// <summary>What is left of an address when its peer is taken off: nothing, often; and every member has an answer for that.</summary>
public sealed class MultiaddressRemainderTests
{
    private const string Id = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";
    private const string Other = "16Uiu2HAmLhLvBoYaoZfaMUKuibM6ac163GwKY74c5kiSLg5KvLpY";

    [Theory]
    [InlineData($"/ip4/1.2.3.4/tcp/1/p2p/{Id}", "/ip4/1.2.3.4/tcp/1")]
    [InlineData($"/ip4/1.2.3.4/tcp/1/p2p/{Id}/p2p/{Id}", "/ip4/1.2.3.4/tcp/1")]
    [InlineData($"/ip4/1.2.3.4/tcp/1/p2p/{Id}/p2p/{Id}/p2p/{Id}", "/ip4/1.2.3.4/tcp/1")]
    [InlineData($"/ip4/1.2.3.4/tcp/1/p2p/{Other}/p2p/{Id}", $"/ip4/1.2.3.4/tcp/1/p2p/{Other}")]
    [InlineData($"/ip4/1.2.3.4/tcp/1/p2p/{Id}/p2p-circuit/p2p/{Id}", $"/ip4/1.2.3.4/tcp/1/p2p/{Id}/p2p-circuit")]
    [InlineData($"/p2p/{Id}", "")]
    [InlineData($"/p2p/{Id}/p2p/{Id}", "")]
    public void The_peer_is_taken_off_however_often_it_is_named(string text, string left)
    {
        Multiaddress address = Multiaddress.Parse(text);

        Assert.Equal(Id, address.Peer!.ToString());
        Assert.Equal(left, address.WithoutPeer().ToString());
        Assert.Same(address, address.WithPeer(PeerId.Parse(Id)));
        Assert.False(address.TryWithPeer(PeerId.Parse(Other), out _));
    }

    [Fact]
    public void Every_member_answers_for_the_empty_address()
    {
        Multiaddress empty = Multiaddress.Parse($"/p2p/{Id}").WithoutPeer();

        Assert.Same(Multiaddress.Empty, empty);
        Assert.True(empty.IsEmpty);
        Assert.Equal((0, "", 0), (empty.Count, empty.ToString(), empty.Bytes.Length));
        Assert.Null(empty.Peer);
        Assert.Same(empty, empty.WithoutPeer());
        Assert.Equal($"/p2p/{Id}", empty.WithPeer(PeerId.Parse(Id)).ToString());
        Assert.Equal((MultiaddressReach.Unknown, false, false, false), (empty.Reach, empty.IsPublic, empty.IsPrivate, empty.IsNat64));
        Assert.False(empty.TryGetIPEndPoint(out _));
        Assert.False(empty.TryGetHost(out _));
        Assert.False(empty.TryGetValue(MultiaddressProtocol.Tcp, out _));
        Assert.False(empty.Contains(MultiaddressProtocol.P2p));
        Assert.Empty(empty);
        Assert.Same(empty, empty.Slice(0, 0));
        Assert.Same(empty, empty.DecapsulateProtocol(MultiaddressProtocol.P2p));
        Assert.Same(empty, empty.Decapsulate(empty));
        Assert.Same(empty, empty.Encapsulate(empty));
        Assert.Equal("/memory/1", empty.Encapsulate("/memory/1").ToString());
        Assert.Equal(empty, Multiaddress.Empty);
        Assert.Equal(empty.GetHashCode(), Multiaddress.Empty.GetHashCode());
        Assert.True(empty.TryFormat(Span<char>.Empty, out int written));
        Assert.Equal(0, written);
        Assert.Throws<ArgumentOutOfRangeException>(() => empty[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => empty[^1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => empty.Slice(0, 1));
        Assert.False(MultiaddressPattern.Host.Matches(empty));
        Assert.False(Multiaddress.TryFromBytes([], out _));
        Assert.False(Multiaddress.TryParse("", out _));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(-1)]
    public void A_component_that_is_not_there_is_named(int index)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => Multiaddress.Parse("/ip4/1.2.3.4/tcp/1")[index]);

        Assert.Contains("2 components", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/ip6/::ffff:1.2.3.4/tcp/80", "1.2.3.4:80", AddressFamily.InterNetwork)]
    [InlineData("/ip6/::ffff:127.0.0.1/udp/80/quic-v1", "127.0.0.1:80", AddressFamily.InterNetwork)]
    [InlineData("/ip6/::1/tcp/80", "[::1]:80", AddressFamily.InterNetworkV6)]
    [InlineData("/ip6/64:ff9b::102:304/tcp/80", "[64:ff9b::102:304]:80", AddressFamily.InterNetworkV6)]
    public void The_endpoint_of_a_mapped_address_is_that_of_the_address_inside(string text, string endPoint, AddressFamily family)
    {
        Assert.True(Multiaddress.Parse(text).TryGetIPEndPoint(out IPEndPoint? found));
        Assert.Equal((IPEndPoint.Parse(endPoint), family), (found, found.AddressFamily));
    }
}
