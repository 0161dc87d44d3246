using System.Security.Cryptography;
using System.Text;
using Libp2p.Multiformats;

namespace Libp2p.Tests.Multiformats;

public class MultihashTests
{
    private const string File = "multihash/multihash.json";

    [Fact]
    public void Puts_digests_together_and_takes_them_apart() => Assert.All(VectorFile.Rows(File, "encode_decode"), static row =>
    {
        ulong code = row.GetProperty("code").GetUInt64();
        Multihash multihash = new(code, row.Hex("digest"));

        Assert.Equal(row.Text("multihash"), Convert.ToHexStringLower(multihash.Bytes));

        Multihash read = Multihash.FromBytes(row.Hex("multihash"));
        Assert.Equal(code, read.Code);
        Assert.Equal(row.Hex("digest"), read.Digest.ToArray());
        Assert.Equal(multihash, read);
        Assert.Equal(multihash.GetHashCode(), read.GetHashCode());
    });

    [Fact]
    public void Refuses_every_invalid_vector() => Assert.All(VectorFile.Rows(File, "invalid"), static row =>
    {
        Assert.False(Multihash.TryFromBytes(row.Hex("hex"), out Multihash? none));
        Assert.Null(none);
        Assert.Throws<MultiformatException>(() => Multihash.FromBytes(row.Hex("hex")));
    });

    [Fact]
    public void Agrees_with_the_hashes_of_the_specification() => Assert.All(VectorFile.Rows(File, "hash_input_to_multihash"), static row =>
    {
        byte[] input = Encoding.UTF8.GetBytes(row.Text("input_utf8"));
        int length = row.GetProperty("bits").GetInt32() / 8;
        (ulong code, byte[]? digest) = row.Text("algorithm") switch
        {
#pragma warning disable CA5350 // The specification's vectors include SHA-1.
            "sha1" => (Multicodec.Sha1, SHA1.HashData(input)),
#pragma warning restore CA5350
            "sha2-256" => (Multicodec.Sha2256, SHA256.HashData(input)),
            "sha2-512" => (Multicodec.Sha2512, SHA512.HashData(input)),
            _ => (Multicodec.Sha3512, SHA3_512.IsSupported ? SHA3_512.HashData(input) : null),
        };

        Multihash read = Multihash.FromBytes(row.Hex("multihash"));
        Assert.Equal((code, length), (read.Code, read.Digest.Length));

        if (digest is not null)
        {
            Assert.Equal(new Multihash(code, digest.AsSpan(0, length)), read);
        }
    });

    [Fact]
    public void Reads_every_sum_of_go_and_makes_those_it_can_make() => Assert.All(VectorFile.Rows(File, "go_sum"), static row =>
    {
        Multihash read = Multihash.FromBytes(row.Hex("multihash"));
        byte[] input = Encoding.UTF8.GetBytes(row.Text("input_utf8"));
        int length = row.GetProperty("length").GetInt32();

        Assert.Equal(row.GetProperty("code").GetUInt64(), read.Code);

        if (read.Code == Multicodec.Identity)
        {
            Assert.Equal(Multihash.Identity(input), read);
        }
        else if (read.Code == Multicodec.Sha2256 && length is -1 or 32)
        {
            Assert.Equal(Multihash.Sha256(input), read);
        }
    });

    [Fact]
    public void Bounds_the_digest()
    {
        Assert.Equal(Multihash.MaxDigestLength, new Multihash(0, new byte[Multihash.MaxDigestLength]).Digest.Length);
        Assert.Throws<ArgumentOutOfRangeException>(static () => new Multihash(0, new byte[Multihash.MaxDigestLength + 1]));

        byte[] tooLong = [0, 0x81, 0x08, .. new byte[1025]];
        Assert.False(Multihash.TryFromBytes(tooLong, out _, out MultiformatError error));
        Assert.Equal(new MultiformatError(1, "the digest is longer than 1024 bytes"), error);
    }

    [Fact]
    public void Prints_as_base58() =>
        Assert.Equal("QmRJzsvyCQyizr73Gmms8ZRtvNxmgqumxc2KUp71dfEmoj", Multihash.Sha256("foo"u8).ToString());
}
