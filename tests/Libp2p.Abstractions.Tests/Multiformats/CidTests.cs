using System.Text;
using Libp2p.Multiformats;

namespace Libp2p.Tests.Multiformats;

public class CidTests
{
    private const string File = "cid/cid.json";

    [Fact]
    public void Reads_every_valid_vector() => Assert.All(VectorFile.Rows(File, "valid"), static row =>
    {
        Cid cid = Cid.Parse(row.Text("text"));

        Assert.Equal(row.GetProperty("version").GetInt32(), cid.Version);
        Assert.Equal(row.GetProperty("codec").GetUInt64(), cid.Codec);
        Assert.Equal(row.Hex("multihash_hex"), cid.Hash.Bytes.ToArray());
        Assert.Equal(row.Hex("bytes_hex"), cid.Bytes.ToArray());
        Assert.Equal(cid, Cid.FromBytes(row.Hex("bytes_hex")));
        Assert.Equal(cid, Cid.Parse(cid.ToString()));
        Assert.Equal(row.Text("text"), cid.Version == 0 ? cid.ToString() : cid.ToString((MultibaseEncoding)row.Text("text")[0]));
    });

    [Fact]
    public void Sees_that_two_bases_hold_one_cid() => Assert.All(VectorFile.Rows(File, "same_cid"), static pair =>
    {
        Cid left = Cid.Parse(pair[0].GetString());
        Cid right = Cid.Parse(pair[1].GetString());

        Assert.True(left == right);
        Assert.Equal(left.GetHashCode(), right.GetHashCode());
    });

    [Fact]
    public void Converts_version_0_to_1() => Assert.All(VectorFile.Rows(File, "v0_to_v1"), static row =>
    {
        Cid version0 = Cid.Parse(row.Text("v0"));

        Assert.Equal(row.Text("v1"), version0.ToVersion1().ToString());
        Assert.NotEqual(version0, version0.ToVersion1());
        Assert.Throws<InvalidOperationException>(() => version0.ToString(MultibaseEncoding.Base32));
    });

    [Fact]
    public void Is_made_from_content() => Assert.All(VectorFile.Rows(File, "from_content"), static row =>
    {
        Multihash hash = Multihash.Sha256(Encoding.UTF8.GetBytes(row.Text("content_utf8")));
        Cid cid = row.Text("codec") == "raw" ? Cid.Version1(Multicodec.Raw, hash) : Cid.Version0(hash);

        Assert.Equal(row.Text("text"), cid.ToString());
    });

    [Fact]
    public void Reads_the_binary_corpus() => Assert.All(VectorFile.Rows(File, "corpus_binary"), static row =>
    {
        Cid cid = Cid.FromBytes(row.Hex("hex"));

        Assert.Equal((row.GetProperty("version").GetInt32(), row.Text("text")), (cid.Version, cid.ToString()));
    });

    [Fact]
    public void Refuses_every_invalid_vector()
    {
        Assert.All(VectorFile.Rows(File, "invalid_text"), static row =>
        {
            Assert.False(Cid.TryParse(row.GetString(), out _));
            Assert.Throws<MultiformatException>(() => Cid.Parse(row.GetString()));
        });
        Assert.All(VectorFile.Rows(File, "invalid_binary"), static row =>
        {
            Assert.False(Cid.TryFromBytes(row.Hex("hex"), out _));
            Assert.Throws<MultiformatException>(() => Cid.FromBytes(row.Hex("hex")));
        });
    }

    [Fact]
    public void Refuses_a_version_0_in_multibase_and_a_version_0_of_another_hash()
    {
        Cid version0 = Cid.Version0(Multihash.Sha256("foo"u8));

        Assert.False(Cid.TryParse(Multibase.Encode(MultibaseEncoding.Base32, version0.Bytes), out _));
        Assert.Throws<ArgumentException>(static () => Cid.Version0(Multihash.Identity("foo"u8)));
    }

    [Fact]
    public void Has_a_text_in_every_base()
    {
        Cid cid = Cid.Version1(Multicodec.Raw, Multihash.Sha256("foo"u8));

        Assert.All(Enum.GetValues<MultibaseEncoding>().Where(static encoding => encoding != MultibaseEncoding.None), encoding =>
            Assert.Equal(cid, Cid.Parse(cid.ToString(encoding))));
    }

    [Fact]
    public void Has_one_bound_of_the_digest_in_every_base()
    {
        Cid longest = Cid.Version1(Varint.MaxValue, new Multihash(Varint.MaxValue, [.. Enumerable.Repeat((byte)0xff, Multihash.MaxDigestLength)]));
        byte[] longer = [1, 0x55, 0x12, 0x81, 0x08, .. new byte[Multihash.MaxDigestLength + 1]];

        Assert.Equal(Cid.MaxLength, longest.Bytes.Length);
        Assert.False(Cid.TryFromBytes(longer, out _));
        Assert.All(Enum.GetValues<MultibaseEncoding>().Where(static encoding => encoding != MultibaseEncoding.None), encoding =>
        {
            Assert.Equal(longest, Cid.Parse(longest.ToString(encoding)));
            Assert.False(Cid.TryParse(Multibase.Encode(encoding, longer), out _));
        });
    }
}
