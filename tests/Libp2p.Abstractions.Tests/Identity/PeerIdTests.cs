using System.Globalization;
using System.Text;
using System.Text.Json;
using Libp2p.Multiformats;

namespace Libp2p.Tests.Identity;

public class PeerIdTests
{
    private const string File = "peer-id/peer_ids.json";
    private const string Ed25519Text = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";

    [Fact]
    public void Reads_every_valid_text() => Assert.All(VectorFile.Rows(File, "valid"), static row =>
    {
        PeerId peer = PeerId.Parse(row.Text("text"));

        Assert.Equal(row.Text("base58btc"), peer.ToString());
        Assert.Equal(row.Hex("multihash_hex"), peer.Bytes.ToArray());
        Assert.Equal(row.Hex("cid_hex"), peer.ToCid().Bytes.ToArray());
        Assert.Equal(row.Text("cid_base32"), peer.ToCid().ToString());
        Assert.Equal(row.Text("cid_base36"), peer.ToCid().ToString(MultibaseEncoding.Base36));

        Assert.Equal(peer, PeerId.FromBytes(row.Hex("multihash_hex")));
        Assert.Equal(peer, PeerId.Parse(row.Text("base58btc")));
        Assert.Equal(peer, PeerId.Parse(row.Text("cid_base32").ToUpperInvariant()));
        Assert.Equal(peer, PeerId.Parse(row.Text("cid_base36")));
        Assert.Equal(peer, PeerId.Parse(Encoding.UTF8.GetBytes(row.Text("text"))));
    });

    [Fact]
    public void Gives_the_key_it_contains() => Assert.All(VectorFile.Rows(File, "valid"), static row =>
    {
        PeerId peer = PeerId.Parse(row.Text("text"));
        bool contains = row.GetProperty("inline_public_key").ValueKind == JsonValueKind.String;

        Assert.Equal(contains, peer.TryGetPublicKey(out PublicKey? key));

        if (contains)
        {
            Assert.Equal(row.Hex("inline_public_key"), key!.ToProtobuf().ToArray());
            Assert.Equal(peer, key.PeerId);
            Assert.Equal(peer, PeerId.FromPublicKey(key));
        }
    });

    [Fact]
    public void Refuses_every_invalid_text() => Assert.All(VectorFile.Rows(File, "invalid"), static row =>
    {
        Assert.False(PeerId.TryParse(row.Text("text"), out PeerId? none));
        Assert.Null(none);
        Assert.Throws<MultiformatException>(() => PeerId.Parse(row.Text("text")));
    });

    [Theory]
    [InlineData("", "empty")]
    [InlineData("0000", "an empty inlined key")]
    [InlineData("1220", "no digest")]
    [InlineData("1100", "SHA-1")]
    [InlineData("1103aabbcc", "SHA-1")]
    [InlineData("1303aabbcc", "SHA2-512")]
    [InlineData("121faabb", "a short digest")]
    [InlineData("8000", "a padded code")]
    [InlineData("00800101", "a padded length")]
    public void Refuses_bytes_that_name_no_peer(string hex, string why)
    {
        Assert.False(PeerId.TryFromBytes(Convert.FromHexString(hex), out _), why);
        Assert.Throws<MultiformatException>(() => PeerId.FromBytes(Convert.FromHexString(hex)));
    }

    [Fact]
    public void Bounds_the_inlined_key()
    {
        Assert.True(PeerId.TryFromBytes([0, 42, .. new byte[42]], out PeerId? longest));
        Assert.Equal(PeerId.MaxLength, longest.Bytes.Length);
        Assert.False(longest.TryGetPublicKey(out _));
        Assert.False(PeerId.TryFromBytes([0, 43, .. new byte[43]], out _));
    }

    [Fact]
    public void Reads_itself_in_every_base_of_a_cid()
    {
        PeerId peer = PeerId.FromBytes([0, 42, .. Enumerable.Repeat((byte)255, 42)]);

        Assert.All(Enum.GetValues<MultibaseEncoding>().Where(static encoding => encoding != MultibaseEncoding.None), encoding =>
        {
            string text = peer.ToCid().ToString(encoding);
            Assert.InRange(text.Length, 1, PeerId.MaxTextLength);
            Assert.Equal(peer, PeerId.Parse(text));
            Assert.Equal(peer, PeerId.Parse(Encoding.UTF8.GetBytes(text)));
        });
    }

    [Fact]
    public void Compares_by_bytes()
    {
        PeerId low = PeerId.FromBytes([0, 1, 1]);
        PeerId high = PeerId.FromBytes([0, 1, 255]);
        PeerId? none = null;

        Assert.True(low == PeerId.FromBytes([0, 1, 1]));
        Assert.Equal(low.GetHashCode(), PeerId.FromBytes([0, 1, 1]).GetHashCode());
        Assert.True(low != high);
        Assert.True(low < high && high > low && low <= high && high >= low && none < low && none <= null);
        Assert.Equal(1, low.CompareTo(null));
        Assert.False(low.Equals((object)"x"));
        Assert.False(low == none);
        Assert.True(none == null);
    }

    [Fact]
    public void Hashes_spread()
    {
        byte[] digest = new byte[32];
        HashSet<int> low = [];

        for (int i = 0; i < 10_000; i++)
        {
            BitConverter.TryWriteBytes(digest, i);
            low.Add(PeerId.FromBytes([0x12, 0x20, .. digest]).GetHashCode() & 0xFFFF);
        }

        Assert.InRange(low.Count, 8_500, 10_000); // 9,275 expected of a uniform hash
    }

    [Fact]
    public void Formats_and_parses_through_the_generic_interfaces()
    {
        PeerId peer = Read<PeerId>(Ed25519Text);
        byte[] utf8 = new byte[Ed25519Text.Length];
        char[] text = new char[Ed25519Text.Length];

        Assert.True(((ISpanFormattable)peer).TryFormat(text, out int characters, default, CultureInfo.InvariantCulture));
        Assert.True(((IUtf8SpanFormattable)peer).TryFormat(utf8, out int bytes, default, CultureInfo.InvariantCulture));
        Assert.Equal((Ed25519Text.Length, Ed25519Text.Length), (characters, bytes));
        Assert.Equal(Ed25519Text, new string(text));
        Assert.Equal(Ed25519Text, Encoding.UTF8.GetString(utf8));
        Assert.False(peer.TryFormat(new char[3], out characters));
        Assert.False(peer.TryFormat(new byte[3], out bytes));
        Assert.Equal($"peer {Ed25519Text}", $"peer {peer}");
    }

    [Fact]
    public void Says_where_the_text_goes_wrong()
    {
        Assert.False(PeerId.TryParse("12D3KooWI", out _, out MultiformatError error));
        Assert.Equal(new MultiformatError(8, "a character is not in the alphabet of its base"), error);
        Assert.False(PeerId.TryParse("12D3\u0000"u8, out _, out error));
        Assert.Equal(4, error.Position);
        Assert.False(PeerId.TryParse([0x31, 0xFF], out _, out error));
        Assert.Equal(1, error.Position);
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
