using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Libp2p.TestKit;

namespace Libp2p.Tests.Identity;

public sealed class SignatureVerifierTests
{
    private static readonly JsonElement s_vectors = VectorFile.Read("keys", "keys.json");
    private static readonly byte[] s_message = "what was signed"u8.ToArray();

    public static TheoryData<string> SignedTypes =>
        [.. s_vectors.GetProperty("signatures").EnumerateArray().Select(v => v.Text("type"))];

    [Theory]
    [MemberData(nameof(SignedTypes))]
    public void Signatures_of_go_are_verified_and_changed_ones_are_not(string type)
    {
        JsonElement vector = s_vectors.GetProperty("signatures").EnumerateArray().First(v => v.Text("type") == type);
        PublicKey key = PublicKey.FromProtobuf(vector.Hex("public_protobuf_hex"));
        byte[] message = Encoding.UTF8.GetBytes(vector.Text("message_utf8"));
        byte[] signature = vector.Hex("signature_hex");
        Assert.True(Verify(key, message, signature));

        for (int i = 0; i < signature.Length; i++)
        {
            byte[] changed = [.. signature];
            changed[i] ^= 0x10;
            Assert.False(Verify(key, message, changed), $"{type}: byte {i} of the signature was changed");
            Assert.False(Verify(key, message, signature[..i]), $"{type}: the signature was cut to {i} bytes");
        }

        Assert.False(Verify(key, [.. message, 0], signature));
        Assert.False(Verify(key, message, [.. signature, 0]));
    }

    [Theory]
    [MemberData(nameof(SignedTypes))]
    public void Hostile_keys_give_false_and_never_an_exception(string type)
    {
        JsonElement vector = s_vectors.GetProperty("signatures").EnumerateArray().First(v => v.Text("type") == type);
        PublicKey key = PublicKey.FromProtobuf(vector.Hex("public_protobuf_hex"));
        byte[] message = Encoding.UTF8.GetBytes(vector.Text("message_utf8"));
        byte[] signature = vector.Hex("signature_hex");
        SeededRandomSource random = new(5);

        for (int i = 0; i < 300; i++)
        {
            byte[] data = key.Data.ToArray();
            data[random.Next(data.Length)] ^= (byte)(1 << random.Next(8));
            data = random.Next(3) == 0 ? data[..random.Next(data.Length)] : data;

            if (PublicKey.TryCreate(key.Type, data, out PublicKey? hostile))
            {
                Assert.False(Verify(hostile, message, signature));
            }
        }
    }

    [Theory]
    [InlineData("nistP256")]
    [InlineData("nistP384")]
    [InlineData("nistP521")]
    public void Ecdsa_keys_of_three_curves_are_verified(string curve)
    {
        using ECDsa ecdsa = ECDsa.Create(ECCurve.CreateFromFriendlyName(curve));
        PublicKey key = new(KeyType.Ecdsa, ecdsa.ExportSubjectPublicKeyInfo());

        Assert.True(Verify(key, s_message, ecdsa.SignData(s_message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)));
        Assert.False(Verify(key, s_message, ecdsa.SignData(s_message, HashAlgorithmName.SHA256)));
        Assert.False(Verify(key, s_message, ecdsa.SignData(s_message, HashAlgorithmName.SHA384, DSASignatureFormat.Rfc3279DerSequence)));
    }

    [Fact]
    public void An_ecdsa_point_off_the_curve_gives_false()
    {
        using ECDsa ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] data = ecdsa.ExportSubjectPublicKeyInfo();
        byte[] signature = ecdsa.SignData(s_message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        data[^1] ^= 1;
        Assert.False(Verify(new PublicKey(KeyType.Ecdsa, data), s_message, signature));
    }

    [Fact]
    public void Rsa_keys_below_2048_bits_give_false()
    {
        using RSA rsa = RSA.Create(1024);
        PublicKey key = new(KeyType.Rsa, rsa.ExportSubjectPublicKeyInfo());
        Assert.False(Verify(key, s_message, rsa.SignData(s_message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
    }

    [Fact]
    public void Rsa_keys_of_2048_bits_are_verified_by_pkcs1_and_sha256_only()
    {
        using RSA rsa = RSA.Create(2048);
        PublicKey key = new(KeyType.Rsa, rsa.ExportSubjectPublicKeyInfo());
        Assert.True(Verify(key, s_message, rsa.SignData(s_message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
        Assert.False(Verify(key, s_message, rsa.SignData(s_message, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)));
        Assert.False(Verify(key, s_message, rsa.SignData(s_message, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1)));
    }

    [Fact]
    public void Rsa_keys_above_8192_bits_or_with_a_large_exponent_give_false()
    {
        byte[] modulus = new byte[1032];
        Array.Fill(modulus, (byte)0xC5);
        Assert.False(Verify(RsaKey(modulus, [1, 0, 1]), s_message, new byte[modulus.Length]));

        byte[] exponent = new byte[256];
        Array.Fill(exponent, (byte)0x81);
        Assert.False(Verify(RsaKey(modulus[..256], exponent), s_message, new byte[256]));
    }

    [Fact]
    public void Rsa_keys_with_trailing_bytes_or_in_another_form_give_false()
    {
        using RSA rsa = RSA.Create(2048);
        byte[] signature = rsa.SignData(s_message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        byte[] data = rsa.ExportSubjectPublicKeyInfo();

        Assert.False(Verify(new PublicKey(KeyType.Rsa, [.. data, 0]), s_message, signature));
        Assert.False(Verify(new PublicKey(KeyType.Rsa, rsa.ExportRSAPublicKey()), s_message, signature));
    }

    private static PublicKey RsaKey(byte[] modulus, byte[] exponent)
    {
        using RSA rsa = RSA.Create();
        rsa.ImportParameters(new RSAParameters { Modulus = modulus, Exponent = exponent });
        return new PublicKey(KeyType.Rsa, rsa.ExportSubjectPublicKeyInfo());
    }

    private static bool Verify(PublicKey key, byte[] message, byte[] signature) => TestIdentity.Verifier.Verify(key, message, signature);
}
