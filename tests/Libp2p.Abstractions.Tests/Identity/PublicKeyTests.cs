using Libp2p.Multiformats;

namespace Libp2p.Tests.Identity;

public class PublicKeyTests
{
    private const string Ed25519 = "080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e";
    private const string Secp256k1 = "08021221037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99";

    private const string Ecdsa =
        "0803125b3059301306072a8648ce3d020106082a8648ce3d03010703420004de3d300fa36ae0e8f5d530899d83abab44abf3161f162a4bc901d8e6ecda"
        + "020e8b6d5f8da30525e71d6851510c098e5c47c646a597fb4dcec034e9f77c409e62";

    [Theory]
    [InlineData(Ed25519, KeyType.Ed25519, "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq")]
    [InlineData(Secp256k1, KeyType.Secp256k1, "16Uiu2HAmLhLvBoYaoZfaMUKuibM6ac163GwKY74c5kiSLg5KvLpY")]
    [InlineData(Ecdsa, KeyType.Ecdsa, "QmVMT29id3TUASyfZZ6k9hmNyc2nYabCo4uMSpDw4zrgDk")]
    public void Follows_the_vectors_of_the_specification(string hex, KeyType type, string peer)
    {
        PublicKey key = PublicKey.FromProtobuf(Convert.FromHexString(hex));

        Assert.Equal(type, key.Type);
        Assert.Equal(peer, key.PeerId.ToString());
        Assert.Equal(hex, Convert.ToHexStringLower(key.ToProtobuf().Span));
        Assert.Equal(key, new PublicKey(type, key.Data.Span));
        Assert.Equal($"{type} {peer}", key.ToString());
    }

    [Fact]
    public void Writes_the_type_of_an_rsa_key_although_it_is_zero()
    {
        PublicKey key = new(KeyType.Rsa, [0x30, 0x03, 1, 2, 3]);

        Assert.Equal("080012053003010203", Convert.ToHexStringLower(key.ToProtobuf().Span));
    }

    [Theory]
    [InlineData("12201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e0801", "the fields the other way round")]
    [InlineData("08818000" + "12201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e", "a padded varint")]
    [InlineData("0802" + Ed25519, "a repeated field, of which the last wins")]
    [InlineData(Ed25519 + "18051a036162632100112233445566772d00112233", "unknown fields of every kind")]
    [InlineData("1b1c" + Ed25519 + "23180124", "unknown groups")]
    [InlineData("1b23" + Ed25519 + "241c" + Ed25519, "a group whose fields have the numbers of ours")]
    [InlineData("088180808010" + "12201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e", "an enum of more than 32 bits, cut to 1")]
    [InlineData(Ed25519 + "12201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e", "the data twice")]
    [InlineData("1202aabb" + Ed25519, "other data first")]
    public void Reads_what_protobuf_allows_and_computes_the_id_from_the_canonical_form(string hex, string why)
    {
        Assert.True(PublicKey.TryFromProtobuf(Convert.FromHexString(hex), out PublicKey? key), why);
        Assert.Equal(Ed25519, Convert.ToHexStringLower(key.ToProtobuf().Span));
        Assert.Equal("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq", key.PeerId.ToString());
    }

    [Theory]
    [InlineData("", "nothing")]
    [InlineData("0801", "no data")]
    [InlineData("12201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e", "no type")]
    [InlineData("080412201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e", "an unknown algorithm")]
    [InlineData("08ffffffffffffffffff0112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e", "a huge algorithm")]
    [InlineData("0801121f1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce2", "31 bytes of Ed25519")]
    [InlineData("08021221047777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99", "a prefix of no compressed point")]
    [InlineData("0802122077777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca9", "32 bytes of secp256k1")]
    [InlineData("08001200", "an empty RSA key")]
    [InlineData("08011220aabb", "data cut short")]
    [InlineData("080112ffffffffffffffffff01", "a length past everything")]
    [InlineData("0a0112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e", "the type as bytes")]
    [InlineData("08011005", "the data as a number")]
    [InlineData("0001" + Ed25519, "field number 0")]
    [InlineData("1b" + Ed25519, "a group without an end")]
    [InlineData("1c" + Ed25519, "an end without a group")]
    [InlineData("1b24" + Ed25519, "the end of another group")]
    [InlineData("0e00" + Ed25519, "no wire type")]
    [InlineData("888080801001" + Ed25519, "a tag of more than 32 bits")]
    [InlineData("08818080808080808080" + "0200" + "12201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e", "a number of more than 64 bits")]
    [InlineData(Ed25519 + "08", "a tag without a value")]
    [InlineData(Ed25519 + "80808080808080808080", "a tag that does not end")]
    public void Refuses_everything_else(string hex, string why)
    {
        Assert.False(PublicKey.TryFromProtobuf(Convert.FromHexString(hex), out PublicKey? none), why);
        Assert.Null(none);
        Assert.Throws<MultiformatException>(() => PublicKey.FromProtobuf(Convert.FromHexString(hex)));
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void Groups_within_each_other_are_bounded(int depth, bool isRead)
    {
        byte[] groups = [.. Enumerable.Repeat((byte)0x1b, depth), .. Enumerable.Repeat((byte)0x1c, depth)];

        Assert.Equal(isRead, PublicKey.TryFromProtobuf([.. groups, .. Convert.FromHexString(Ed25519)], out _));
    }

    [Fact]
    public void Reads_an_uncompressed_secp256k1_key_as_its_compressed_form()
    {
        // The generator of the group (SEC 2), and the point opposite.
        const string X = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
        const string Even = "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";
        const string Odd = "b7c52588d95c3b9aa25b0403f1eef75702e84bb7597aabe663b82f6f04ef2777";

        Assert.Equal($"0802122102{X}", Read($"0802124104{X}{Even}"));
        Assert.Equal($"0802122103{X}", Read($"0802124104{X}{Odd}"));
        Assert.Null(Read($"0802124104{X}{Even[..^1]}9")); // no point of the curve
        Assert.Null(Read($"0802124106{X}{Even}")); // the hybrid form, which rust refuses
        Assert.Null(Read($"08021240{X}{Even}"));

        static string? Read(string hex) => PublicKey.TryFromProtobuf(Convert.FromHexString(hex), out PublicKey? key)
            ? Convert.ToHexStringLower(key.ToProtobuf().Span)
            : null;
    }

    [Fact]
    public void Bounds_the_data_and_the_message()
    {
        Assert.True(PublicKey.TryCreate(KeyType.Rsa, new byte[PublicKey.MaxDataLength], out PublicKey? longest));
        Assert.Equal(longest, PublicKey.FromProtobuf(longest.ToProtobuf().Span));
        Assert.False(PublicKey.TryCreate(KeyType.Rsa, new byte[PublicKey.MaxDataLength + 1], out _));
        Assert.False(PublicKey.TryFromProtobuf(new byte[PublicKey.MaxProtobufLength + 1], out _));
        Assert.Throws<MultiformatException>(static () => new PublicKey((KeyType)7, [1]));
        Assert.Throws<MultiformatException>(static () => new PublicKey(KeyType.Ed25519, new byte[31]));
    }

    [Fact]
    public void Compares_type_and_data()
    {
        PublicKey rsa = new(KeyType.Rsa, [1, 2, 3]);

        Assert.True(rsa == new PublicKey(KeyType.Rsa, [1, 2, 3]));
        Assert.Equal(rsa.GetHashCode(), new PublicKey(KeyType.Rsa, [1, 2, 3]).GetHashCode());
        Assert.True(rsa != new PublicKey(KeyType.Ecdsa, [1, 2, 3]));
        Assert.False(rsa == null);
    }

    [Fact]
    public void Hashes_long_keys_and_inlines_short_ones()
    {
        Assert.Equal(Multicodec.Identity, Multihash.FromBytes(new PublicKey(KeyType.Rsa, new byte[38]).PeerId.Bytes).Code);
        Assert.Equal(Multicodec.Sha2256, Multihash.FromBytes(new PublicKey(KeyType.Rsa, new byte[39]).PeerId.Bytes).Code);
    }
}
