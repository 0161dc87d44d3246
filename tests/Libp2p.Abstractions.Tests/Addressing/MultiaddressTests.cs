using System.Globalization;
using System.Text;
using Libp2p.Multiformats;

namespace Libp2p.Tests.Addressing;

public class MultiaddressTests
{
    private const string Peer = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";
    private const string OtherPeer = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";

    [Theory]
    [InlineData("/ip6/2001:DB8:0:0:1:0:0:1", "/ip6/2001:db8::1:0:0:1")] // of equal runs the first is folded
    [InlineData("/ip6/2001:db8:0:1:1:1:1:1", "/ip6/2001:db8:0:1:1:1:1:1")] // a single zero is not
    [InlineData("/ip6/1:0:0:2:0:0:0:3", "/ip6/1:0:0:2::3")]
    [InlineData("/ip6/0:0:0:0:0:0:0:0", "/ip6/::")]
    [InlineData("/ip6/1::", "/ip6/1::")]
    [InlineData("/ip6/::1.2.3.4", "/ip6/::102:304")]
    [InlineData("/ip6/::ffff:1.2.3.4", "/ip6/::ffff:1.2.3.4")]
    [InlineData("/ip6/::FFFF:102:304", "/ip6/::ffff:1.2.3.4")]
    [InlineData("/ip6/64:ff9b::1.1.1.1", "/ip6/64:ff9b::101:101")]
    [InlineData("/ip6/1:2:3:4:5:6:7::", "/ip6/1:2:3:4:5:6:7:0")]
    [InlineData("/ip6/1:2:3:4:5:6:1.2.3.4", "/ip6/1:2:3:4:5:6:102:304")]
    [InlineData("/ip4/1.2.3.4/tcp/0080", "/ip4/1.2.3.4/tcp/80")]
    [InlineData("/ip4/1.2.3.4/tcp/80//", "/ip4/1.2.3.4/tcp/80")]
    [InlineData("/memory/18446744073709551615", "/memory/18446744073709551615")]
    [InlineData("/http-path/a+b%20c%2Bd%c3%a9é", "/http-path/a%2Bb%20c%2Bd%C3%A9%C3%A9")]
    [InlineData("/unix/a//b", "/unix/a//b")]
    [InlineData("/dns/bücher.example", "/dns/bücher.example")]
    [InlineData("/onion/TIMAQ4YGG2IEGCI7:1234", "/onion/timaq4ygg2iegci7:1234")]
    [InlineData(
        "/certhash/f1220c3ab8ff13720e8ad9047dd39466b3c8974e592c2fa383d4a3960714caef0c4f2",
        "/certhash/uEiDDq4_xNyDorZBH3TlGazyJdOWSwvo4PUo5YHFMrvDE8g")]
    public void Writes_one_canonical_text(string text, string canonical)
    {
        Multiaddress address = Multiaddress.Parse(text);

        Assert.Equal(canonical, address.ToString());
        Assert.Equal(address, Multiaddress.Parse(canonical));
        Assert.Equal(address, Multiaddress.FromBytes(address.Bytes));
    }

    [Theory]
    [InlineData("ip4/1.2.3.4", 0, "no slash at the start")]
    [InlineData("/ip4/1.2.3.4/tpc/80", 13, "an unknown protocol name")]
    [InlineData("/ip4/1.2.3.4//tcp/80", 13, "an empty segment")]
    [InlineData("/ip4/1.2.3.4/tcp", 16, "a value is missing")]
    [InlineData("/ip4/1.2.3.04", 5, "not an IPv4 address")]
    [InlineData("/ip4/1.2.3", 5, "not an IPv4 address")]
    [InlineData("/ip4/1.2.3.4.5", 5, "not an IPv4 address")]
    [InlineData("/ip4/0x7f.0.0.1", 5, "not an IPv4 address")]
    [InlineData("/ip4/１.2.3.4", 5, "not an IPv4 address")]
    [InlineData("/ip6/1.2.3.4", 5, "not an IPv6 address")]
    [InlineData("/ip6/1::2::3", 5, "not an IPv6 address")]
    [InlineData("/ip6/1:2:3:4:5:6:7:8::", 5, "not an IPv6 address")]
    [InlineData("/ip6/1:2:3:4:5:6:7:8:9", 5, "not an IPv6 address")]
    [InlineData("/ip6/12345::", 5, "not an IPv6 address")]
    [InlineData("/ip6/[::1]", 5, "not an IPv6 address")]
    [InlineData("/ip6/fe80::1%eth0", 5, "not an IPv6 address")]
    [InlineData("/ip6/::1.2.3.4:5", 5, "not an IPv6 address")]
    [InlineData("/ip6/:::", 5, "not an IPv6 address")]
    [InlineData("/tcp/+80", 5, "not a decimal number")]
    [InlineData("/tcp/65536", 5, "the number is out of range")]
    [InlineData("/dns/a\nb", 5, "a name holds a slash or a control character")]
    [InlineData("/unix", 5, "a value is missing")]
    [InlineData("/p2p/12D3KooWI", 5, "a character is not in the alphabet of its base")]
    public void Says_where_and_why_a_text_is_refused(string text, int position, string reason)
    {
        Assert.False(Multiaddress.TryParse(text, out _, out MultiformatError error));
        Assert.Equal(new MultiformatError(position, reason), error);

        MultiformatException thrown = Assert.Throws<MultiformatException>(() => Multiaddress.Parse(text));
        Assert.Equal((position, reason, "multiaddress"), (thrown.Position, thrown.Reason, thrown.Format));
    }

    [Fact]
    public void Shows_the_offending_part_of_a_text_to_people()
    {
        Assert.Equal(
            "Not a valid multiaddress: an unknown protocol name (at 13, near 'tpc').",
            Assert.Throws<MultiformatException>(static () => Multiaddress.Parse("/ip4/1.2.3.4/tpc/80")).Message);
        Assert.Equal(
            "Not a valid multiaddress: an unknown protocol name (at 1, near '?????????ab').",
            Assert.Throws<MultiformatException>(static () => Multiaddress.Parse("/\n\r\t \0\u007f\u2028é☄ab/x")).Message);
    }

    [Theory]
    [InlineData("04", 1, "the address ends inside a value")]
    [InlineData("0401020304ff", 6, "the input ends inside the number")]
    [InlineData("040102030480ff00", 7, "not the shortest encoding of its value")]
    [InlineData("0401020304840006", 6, "not the shortest encoding of its value")]
    [InlineData("350361", 2, "the address ends inside a value")]
    [InlineData("3500", 2, "the value is empty")]
    [InlineData("3503612f62", 2, "a name holds a slash or a control character")]
    [InlineData("3502c328", 2, "a name is not UTF-8")]
    [InlineData("35ffffffffffffffff7f61", 10, "the address ends inside a value")]
    [InlineData("9003012f", 3, "the path is empty")]
    [InlineData("9003026162", 3, "a path begins with a slash")]
    [InlineData("9003032f612f", 3, "a path does not end with a slash")]
    [InlineData("9003022f610601bb", 5, "nothing can follow a path")]
    [InlineData("bc039a18087306369043091f0000", 2, "the onion port is 0")]
    [InlineData("e10300", 3, "the path is empty")]
    [InlineData("bf030100", 3, "the I2P address has the wrong length")]
    [InlineData("ffffffffffffffff7f", 0, "an unknown protocol code")]
    public void Says_where_and_why_bytes_are_refused(string hex, int position, string reason)
    {
        Assert.False(Multiaddress.TryFromBytes(Convert.FromHexString(hex), out _, out MultiformatError error));
        Assert.Equal(new MultiformatError(position, reason), error);
    }

    [Fact]
    public void Bounds_text_bytes_and_components()
    {
        string components = string.Concat(Enumerable.Repeat("/ws", Multiaddress.MaxComponents));
        Assert.Equal(Multiaddress.MaxComponents, Multiaddress.Parse(components).Count);
        AssertRefused(components + "/ws", "more than 64 components");
        Assert.False(Multiaddress.TryFromBytes(Enumerable.Repeat<byte[]>([0xDD, 0x03], 65).SelectMany(static x => x).ToArray(), out _));

        string name = new('a', Multiaddress.MaxLength - 3);
        Assert.Equal(Multiaddress.MaxLength, Multiaddress.Parse($"/dns/{name}").Bytes.Length);
        AssertRefused($"/dns/{name}a", "the address is longer than 1024 bytes");
        AssertRefused($"/dns/{name}/ws", "the address is longer than 1024 bytes");
        AssertRefused($"/dns/{name}/tcp/1", "the address is longer than 1024 bytes");
        AssertRefused("/dns/" + new string('a', Multiaddress.MaxTextLength), "longer than 4096 characters");
        Assert.False(Multiaddress.TryParse(new byte[Multiaddress.MaxTextLength + 1], out _));

        Multiaddress longest = Multiaddress.Parse($"/dns/{name}");
        Assert.Throws<MultiformatException>(() => longest.Encapsulate("/ws"));
        Assert.Throws<MultiformatException>(() => Multiaddress.Parse(components).Encapsulate("/ws"));
    }

    [Fact]
    public void The_longest_texts_of_the_longest_addresses_can_be_read()
    {
        // http-path takes three characters for a byte, p2p-websocket-star nineteen for two.
        byte[] path = new byte[Multiaddress.MaxLength - (2 * 63) - 4];
        byte[] bytes =
        [
            .. Enumerable.Repeat<byte[]>([0xDF, 0x03], 63).SelectMany(static x => x),
            0xE1, 0x03, (byte)(0x80 | (path.Length & 0x7F)), (byte)(path.Length >> 7),
            .. path,
        ];
        Multiaddress address = Multiaddress.FromBytes(bytes);

        Assert.Equal(Multiaddress.MaxLength, address.Bytes.Length);
        Assert.InRange(address.ToString().Length, 3800, Multiaddress.MaxTextLength);
        Assert.Equal(address, Multiaddress.Parse(address.ToString()));
    }

    [Fact]
    public void Knows_the_peer_it_leads_to()
    {
        Assert.Equal(PeerId.Parse(Peer), Multiaddress.Parse($"/ip4/1.2.3.4/tcp/1/p2p/{Peer}").Peer);
        Assert.Null(Multiaddress.Parse($"/ip4/1.2.3.4/tcp/1/p2p/{Peer}/p2p-circuit").Peer);
        Assert.Equal(PeerId.Parse(OtherPeer), Multiaddress.Parse($"/ip4/1.2.3.4/tcp/1/p2p/{Peer}/p2p-circuit/p2p/{OtherPeer}").Peer);
        Assert.Null(Multiaddress.Empty.Peer);
    }

    [Fact]
    public void Adds_and_removes_the_peer_it_leads_to()
    {
        Multiaddress bare = Multiaddress.Parse("/ip4/1.2.3.4/tcp/1");
        Multiaddress full = bare.WithPeer(PeerId.Parse(Peer));

        Assert.Equal($"/ip4/1.2.3.4/tcp/1/p2p/{Peer}", full.ToString());
        Assert.Same(full, full.WithPeer(PeerId.Parse(Peer)));
        Assert.Equal(bare, full.WithoutPeer());
        Assert.Same(bare, bare.WithoutPeer());
        Assert.Equal($"/p2p/{Peer}", Multiaddress.ForPeer(PeerId.Parse(Peer)).ToString());
        Assert.Equal(Multiaddress.ForPeer(PeerId.Parse(OtherPeer)), Multiaddress.Parse($"/ipfs/{OtherPeer}"));
        Assert.True(Multiaddress.ForPeer(PeerId.Parse(Peer)).WithoutPeer().IsEmpty);

        Multiaddress relayed = full.Encapsulate("/p2p-circuit");
        Assert.Equal($"{relayed}/p2p/{OtherPeer}", relayed.WithPeer(PeerId.Parse(OtherPeer)).ToString());
    }

    [Fact]
    public void Slices_by_component()
    {
        Multiaddress address = Multiaddress.Parse($"/ip4/1.2.3.4/tcp/1/ws/p2p/{Peer}");

        Assert.Equal("/ip4/1.2.3.4/tcp/1", address[..2].ToString());
        Assert.Equal("/tcp/1/ws", address[1..3].ToString());
        Assert.Equal($"/p2p/{Peer}", address[^1].ToString());
        Assert.Equal(Multiaddress.Parse("/tcp/1/ws"), address[1..3]);
        Assert.Equal(MultiaddressCode.Ws, address[1..3][1].Code);
        Assert.Same(address, address[..]);
        Assert.Same(Multiaddress.Empty, address[2..2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => address.Slice(3, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => address.Slice(-1, 2));
    }

    [Fact]
    public void Encapsulates_and_decapsulates()
    {
        Multiaddress outer = Multiaddress.Parse("/ip4/1.2.3.4/tcp/1");
        Multiaddress both = outer.Encapsulate(Multiaddress.Parse("/ip4/1.2.3.4/tcp/1/ws"));

        Assert.Equal("/ip4/1.2.3.4/tcp/1/ip4/1.2.3.4/tcp/1/ws", both.ToString());
        Assert.Equal(both, Multiaddress.FromBytes(both.Bytes));
        Assert.Equal(MultiaddressCode.Ws, both[^1].Code);
        Assert.Equal(outer, both.Decapsulate(outer)); // the last occurrence
        Assert.Equal("/ip4/1.2.3.4/tcp/1/ip4/1.2.3.4", both.DecapsulateProtocol(MultiaddressProtocol.Tcp).ToString());
        Assert.Same(both, both.DecapsulateProtocol(MultiaddressCode.Udp));
        Assert.Same(outer, outer.Encapsulate(Multiaddress.Empty));
        Assert.Same(outer, Multiaddress.Empty.Encapsulate(outer));
        Assert.Same(outer, outer.Decapsulate(Multiaddress.Empty));
        Assert.Throws<MultiformatException>(static () => Multiaddress.Parse("/unix/a/b").Encapsulate("/ws"));
    }

    [Fact]
    public void Decapsulation_looks_at_whole_components_only()
    {
        // The name's bytes hold those of "/tcp/80" (06 00 50), but not at the start of a component.
        Multiaddress address = Multiaddress.FromBytes([0x35, 3, (byte)'a', 0x30, 0x50, 0x06, 0x30, 0x50]);

        Assert.Same(address, address.Decapsulate(Multiaddress.FromBytes([0x06, 0x50, 0x50])));
        Assert.Equal("/dns/a0P", address.Decapsulate(Multiaddress.FromBytes([0x06, 0x30, 0x50])).ToString());
    }

    [Fact]
    public void Reads_typed_values()
    {
        Multiaddress address = Multiaddress.Parse(
            $"/ip4/1.2.3.4/udp/4001/quic-v1/webtransport/certhash/uEiDDq4_xNyDorZBH3TlGazyJdOWSwvo4PUo5YHFMrvDE8g/p2p/{Peer}");

        Assert.True(address[0].TryGetIPAddress(out System.Net.IPAddress? ip));
        Assert.Equal("1.2.3.4", ip.ToString());
        Assert.True(address[1].TryGetPort(out int port));
        Assert.Equal(4001, port);
        Assert.True(address[4].TryGetMultihash(out Multihash? hash));
        Assert.Equal(Multicodec.Sha2256, hash.Code);
        Assert.True(address[5].TryGetPeerId(out PeerId? peer));
        Assert.Equal(Peer, peer.ToString());
        Assert.True(Multiaddress.Parse("/memory/7")[0].TryGetMemoryNumber(out ulong number));
        Assert.Equal(7ul, number);

        Assert.False(address[0].TryGetPort(out _));
        Assert.False(address[1].TryGetIPAddress(out _));
        Assert.False(address[1].TryGetPeerId(out _));
        Assert.False(address[1].TryGetMultihash(out _));
        Assert.False(address[1].TryGetMemoryNumber(out _));
        Assert.Equal("", address[2].ValueText);
    }

    [Fact]
    public void A_missing_component_is_harmless()
    {
        Assert.False(Multiaddress.Parse("/ws").TryGetValue(MultiaddressCode.Tcp, out MultiaddressComponent none));
        Assert.Equal(default, none);
        Assert.Equal("", none.ToString());
        Assert.True(none.Value.IsEmpty && none.Bytes.IsEmpty);
        Assert.False(none.TryGetPort(out _) || none.TryGetIPAddress(out _) || none.TryGetPeerId(out _));
        Assert.Throws<InvalidOperationException>(() => none.Protocol);
    }

    [Fact]
    public void Components_compare_by_bytes()
    {
        Multiaddress address = Multiaddress.Parse("/tcp/1/udp/1/tcp/1");

        Assert.True(address[0] == address[2]);
        Assert.True(address[0] != address[1]);
        Assert.Equal(address[0].GetHashCode(), address[2].GetHashCode());
    }

    [Fact]
    public void Formats_and_parses_through_the_generic_interfaces()
    {
        const string Text = "/dns/bücher.example/tcp/80";
        Multiaddress address = Read<Multiaddress>(Text);
        byte[] utf8 = new byte[Encoding.UTF8.GetByteCount(Text)];
        char[] text = new char[Text.Length];

        Assert.True(((ISpanFormattable)address).TryFormat(text, out int characters, default, CultureInfo.InvariantCulture));
        Assert.True(((IUtf8SpanFormattable)address).TryFormat(utf8, out int bytes, default, CultureInfo.InvariantCulture));
        Assert.Equal((text.Length, utf8.Length), (characters, bytes));
        Assert.Equal(Text, new string(text));
        Assert.Equal(Text, Encoding.UTF8.GetString(utf8));
        Assert.False(address.TryFormat(new char[3], out characters));
        Assert.Equal($"at {Text}", $"at {address}");
    }

    [Fact]
    public void Refuses_text_that_is_no_unicode()
    {
        Assert.False(Multiaddress.TryParse("/dns/a\ud83d", out _));
        Assert.False(Multiaddress.TryParse([.. "/dns/"u8, 0xFF], out _, out MultiformatError error));
        Assert.Equal(new MultiformatError(5, "the text is not valid UTF-8"), error);
    }

    private static void AssertRefused(string text, string reason)
    {
        Assert.False(Multiaddress.TryParse(text, out _, out MultiformatError error));
        Assert.Equal(reason, error.Reason);
    }

    private static T Read<T>(string text)
        where T : ISpanParsable<T>, IUtf8SpanParsable<T>, IEquatable<T>
    {
        T fromString = T.Parse(text, null);
        Assert.Equal(fromString, T.Parse(text.AsSpan(), null));
        Assert.Equal(fromString, T.Parse(Encoding.UTF8.GetBytes(text), null));
        Assert.True(T.TryParse(text, null, out T? again) && again.Equals(fromString));
        Assert.True(T.TryParse(text.AsSpan(), null, out again) && again.Equals(fromString));
        Assert.True(T.TryParse(Encoding.UTF8.GetBytes(text), null, out again) && again.Equals(fromString));
        Assert.False(T.TryParse((string?)null, null, out _));
        return fromString;
    }
}
