using System.Security.Cryptography;
using Libp2p.Crypto;
using Libp2p.Multiformats;
using Libp2p.TestKit;

namespace Libp2p.Tests.Identity;

/// <summary>What keys are refused although they can be read, and what is said of it.</summary>
public sealed class KeyLimitTests
{
    [Fact]
    public void The_same_randomness_gives_the_same_key_of_each_type_but_rsa()
    {
        foreach (KeyType type in (KeyType[])[KeyType.Ed25519, KeyType.Secp256k1, KeyType.Ecdsa])
        {
            using PrivateKey one = PrivateKey.Generate(type, new SeededRandomSource(7), CryptoEngine.Default);
            using PrivateKey same = PrivateKey.Generate(type, new SeededRandomSource(7), CryptoEngine.Portable);
            using PrivateKey other = PrivateKey.Generate(type, new SeededRandomSource(8), CryptoEngine.Default);

            Assert.Equal(type, one.Type);
            Assert.Equal(one.ToProtobuf(), same.ToProtobuf());
            Assert.NotEqual(one.PublicKey, other.PublicKey);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => PrivateKey.Generate((KeyType)4, new SeededRandomSource(7), CryptoEngine.Default));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1024)]
    [InlineData(2047)]
    [InlineData(2050)]
    [InlineData(8200)]
    public void Rsa_keys_of_other_sizes_are_not_made(int bits) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PrivateKey.GenerateRsa(bits));

    [Fact]
    public void Rsa_keys_below_2048_bits_are_refused()
    {
        using RSA rsa = RSA.Create(1024);
        AssertRefused(KeyType.Rsa, rsa.ExportRSAPrivateKey());
        Assert.False(SignatureVerifier.CanVerifyWith(new PublicKey(KeyType.Rsa, rsa.ExportSubjectPublicKeyInfo())));
    }

    [Fact]
    public void Rsa_keys_with_a_wrong_number_are_refused()
    {
        using RSA rsa = RSA.Create(2048);
        RSAParameters right = rsa.ExportParameters(includePrivateParameters: true);

        foreach (Func<RSAParameters, byte[]> number in (Func<RSAParameters, byte[]>[])[p => p.Modulus!, p => p.P!, p => p.Q!, p => p.DP!, p => p.DQ!, p => p.InverseQ!])
        {
            byte[] data = rsa.ExportRSAPrivateKey();
            int at = data.AsSpan().IndexOf(number(right));
            data[at + 40] ^= 4;
            AssertRefused(KeyType.Rsa, data);
        }

        AssertRefused(KeyType.Rsa, [.. rsa.ExportRSAPrivateKey(), 0]);
    }

    [Fact]
    public void Ecdsa_keys_whose_halves_do_not_belong_together_are_refused()
    {
        using ECDsa one = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa two = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] data = one.ExportECPrivateKey();
        byte[] point = two.ExportSubjectPublicKeyInfo()[^64..];
        point.CopyTo(data, data.Length - 64);

        AssertRefused(KeyType.Ecdsa, data);
        AssertRefused(KeyType.Ecdsa, [.. one.ExportECPrivateKey(), 0]);
    }

    [Theory]
    [InlineData("nistP256", true)]
    [InlineData("nistP384", true)]
    [InlineData("nistP521", true)]
    [InlineData("brainpoolP256r1", false)]
    public void Ecdsa_keys_are_on_three_curves(string curve, bool isRead)
    {
        using ECDsa ecdsa = ECDsa.Create(ECCurve.CreateFromFriendlyName(curve));
        PublicKey publicKey = new(KeyType.Ecdsa, ecdsa.ExportSubjectPublicKeyInfo());
        Assert.Equal(isRead, SignatureVerifier.CanVerifyWith(publicKey));

        if (isRead)
        {
            using PrivateKey key = PrivateKey.FromProtobuf(Message(KeyType.Ecdsa, ecdsa.ExportECPrivateKey()), CryptoEngine.Default);
            Assert.Equal(publicKey, key.PublicKey);
            Assert.True(TestIdentity.Verifier.Verify(publicKey, "m"u8, key.Sign("m"u8)));
        }
        else
        {
            AssertRefused(KeyType.Ecdsa, ecdsa.ExportECPrivateKey());
        }
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    [InlineData("01")]
    [InlineData("000000000000000000000000000000000000000000000000000000000000000001")]
    public void Secp256k1_secrets_are_scalars_of_the_group(string hex) => AssertRefused(KeyType.Secp256k1, Convert.FromHexString(hex));

    [Fact]
    public void Secp256k1_keys_that_are_no_points_verify_nothing()
    {
        byte[] data = new byte[33];
        data[0] = 2;
        data[32] = 5; // x = 5 is on the twist
        PublicKey key = new(KeyType.Secp256k1, data);

        Assert.False(SignatureVerifier.CanVerifyWith(key));
        Assert.False(TestIdentity.Verifier.Verify(key, "m"u8, new byte[70]));
    }

    [Fact]
    public void A_private_key_is_read_by_the_rules_of_protobuf()
    {
        using PrivateKey key = PrivateKey.GenerateEd25519(new SeededRandomSource(1), CryptoEngine.Default);
        byte[] message = key.ToProtobuf();
        foreach (byte[] same in (byte[][])
        [
            [0x08, 0x81, 0x80, 0x80, 0x80, 0x10, .. message[2..]], // an enum is cut to 32 bits: 2^32 + 1
            [0x1b, 0x08, 0x02, 0x1c, .. message], // a group
            [0x08, 0x02, 0x12, 0x01, 0xff, .. message], // of repeated fields the last
        ])
        {
            using PrivateKey read = PrivateKey.FromProtobuf(same, CryptoEngine.Default);
            Assert.Equal(key.PublicKey, read.PublicKey);
        }

        Assert.Throws<MultiformatException>(() => PrivateKey.FromProtobuf([0x1c, .. message], CryptoEngine.Default));
    }

    [Theory] // as in Go's crypto/rsa
    [InlineData("01", false)]
    [InlineData("02", false)]
    [InlineData("03", true)]
    [InlineData("04", false)]
    [InlineData("010001", true)]
    [InlineData("7fffffff", true)]
    [InlineData("00ffffffff", false)]
    [InlineData("0080000001", false)]
    [InlineData("0100000001", false)]
    public void Rsa_exponents_are_bounded_as_in_go(string exponent, bool isUsable)
    {
        using RSA rsa = RSA.Create(2048);
        byte[] modulus = rsa.ExportParameters(includePrivateParameters: false).Modulus!;

        Assert.Equal(isUsable, SignatureVerifier.CanVerifyWith(new PublicKey(KeyType.Rsa, Spki([0, .. modulus], Convert.FromHexString(exponent)))));
    }

    [Theory]
    [InlineData(0x7f, false, false)] // 2047 bits
    [InlineData(0x80, false, true)]
    [InlineData(0x80, true, false)]
    public void Rsa_moduli_are_odd_and_their_bits_are_counted(byte first, bool isEven, bool isUsable)
    {
        byte[] modulus = [.. Enumerable.Repeat((byte)0x55, 256)];
        (modulus[0], modulus[^1]) = (first, isEven ? (byte)0x54 : (byte)0x55);

        Assert.Equal(isUsable, SignatureVerifier.CanVerifyWith(new PublicKey(KeyType.Rsa, Spki(first < 0x80 ? modulus : [0, .. modulus], [1, 0, 1]))));
    }

    /// <summary>A SubjectPublicKeyInfo of two numbers, each as DER has it: with a zero in front where the first bit is set.</summary>
    private static byte[] Spki(byte[] modulus, byte[] exponent)
    {
        byte[] key = Der(0x30, [.. Der(0x02, modulus), .. Der(0x02, exponent)]);
        return Der(0x30, [.. Convert.FromHexString("300d06092a864886f70d0101010500"), .. Der(0x03, [0, .. key])]);
    }

    private static byte[] Der(byte tag, byte[] value) => value.Length switch
    {
        < 0x80 => [tag, (byte)value.Length, .. value],
        < 0x100 => [tag, 0x81, (byte)value.Length, .. value],
        _ => [tag, 0x82, (byte)(value.Length >> 8), (byte)value.Length, .. value],
    };

    [Fact]
    public void A_missing_algorithm_is_named_with_what_to_use_instead()
    {
        PlatformNotSupportedException error = Assert.Throws<PlatformNotSupportedException>(
            () => PlatformAlgorithm.Create<RSA>(() => throw new PlatformNotSupportedException("System.Security.Cryptography.RSA"), "RSA"));

        Assert.Contains("no RSA", error.Message, StringComparison.Ordinal);
        Assert.Contains("Ed25519", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.InnerException);
    }

    private static void AssertRefused(KeyType type, byte[] data) =>
        Assert.Throws<MultiformatException>(() => PrivateKey.FromProtobuf(Message(type, data), CryptoEngine.Default));

    private static byte[] Message(KeyType type, byte[] data) => PrivateKeyProtobuf.Write(type, data);
}
