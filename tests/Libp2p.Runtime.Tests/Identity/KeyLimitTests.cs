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
    public void A_type_is_not_cut_to_32_bits() => Assert.Throws<MultiformatException>(() =>
    {
        using PrivateKey key = PrivateKey.GenerateEd25519(new SeededRandomSource(1), CryptoEngine.Default);
        byte[] message = [0x08, 0x81, 0x80, 0x80, 0x80, 0x10, .. key.ToProtobuf()[2..]]; // 2^32 + 1
        PrivateKey.FromProtobuf(message, CryptoEngine.Default);
    });

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
