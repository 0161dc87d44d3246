using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Libp2p.Crypto;

namespace Libp2p.Tests.Crypto;

public class Secp256k1Tests
{
    private const string X = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    private const string Y = "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";
    private const string YPlusOne = "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b9";
    private const string G = "02" + X;
    private const string Order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    private const string OrderMinusOne = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140";

    private static readonly BigInteger s_halfOrder = new BigInteger(Convert.FromHexString(Order), isUnsigned: true, isBigEndian: true) >> 1;

    // The policy: strict DER always, and low s unless the caller says otherwise. Wycheproof's "valid" is ECDSA's, which takes both s.
    [Theory, EngineData, LibsodiumData]
    public void Wycheproof_holds_with_high_s_and_without(string name)
    {
        CryptoEngine engine = Engines.ByName(name);
        int high = 0;
        foreach ((JsonElement group, JsonElement test) in Vectors.Wycheproof("ecdsa_secp256k1_sha256_test.json"))
        {
            byte[] uncompressed = group.GetProperty("publicKey").Hex("uncompressed");
            byte[] compressed = new byte[CryptoEngine.Secp256k1PublicKeySize];
            Assert.True(CryptoEngine.TryParseSecp256k1PublicKey(uncompressed, compressed), test.Label());

            byte[] message = test.Hex("msg");
            byte[] signature = test.Hex("sig");
            bool valid = test.Text("result") == "valid";
            bool isHigh = valid && ReadS(signature) > s_halfOrder;
            high += isHigh ? 1 : 0;
            Assert.True(valid == engine.VerifySecp256k1(uncompressed, message, signature, allowHighS: true), test.Label());
            Assert.True(valid == engine.VerifySecp256k1(compressed, message, signature, allowHighS: true), test.Label());
            Assert.True((valid && !isHigh) == engine.VerifySecp256k1(compressed, message, signature), test.Label());
        }

        Assert.NotEqual(0, high);
    }

    // Known to every Bitcoin library; message, SHA-256, RFC 6979, low s.
    [Theory]
    [InlineData(
        "0000000000000000000000000000000000000000000000000000000000000001",
        "Satoshi Nakamoto",
        "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d82442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5")]
    [InlineData(
        "0000000000000000000000000000000000000000000000000000000000000001",
        "All those moments will be lost in time, like tears in rain. Time to die...",
        "8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21")]
    [InlineData(
        OrderMinusOne,
        "Satoshi Nakamoto",
        "fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d06b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5")]
    [InlineData(
        "f8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181",
        "Alan Turing",
        "7063ae83e7f62bbb171798131b4a0564b956930092b33b07b395615d9ec7e15c58dfcc1e00a35e1572f366ffe34ba0fc47db1e7189759b9fb233c5b05ab388ea")]
    public void Signatures_are_those_of_rfc_6979(string privateKey, string message, string signature)
    {
        byte[] der = new byte[CryptoEngine.Secp256k1MaxSignatureSize];
        int length = CryptoEngine.Portable.SignSecp256k1(Convert.FromHexString(privateKey), Encoding.UTF8.GetBytes(message), der);
        byte[] expected = new byte[CryptoEngine.Secp256k1MaxSignatureSize];
        int expectedLength = EcdsaDer.Write(Convert.FromHexString(signature), expected);
        Assert.Equal(expected[..expectedLength], der[..length]);
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000001", G)]
    [InlineData(OrderMinusOne, "03" + X)]
    [InlineData(
        "53dadf1d5a164d6b4acdb15e24aa4c5b1d3461bdbd42abedb0a4404d56ced8fb", // the libp2p specification's
        "037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99")]
    public void Known_public_keys_are_derived(string privateKey, string publicKey)
    {
        byte[] compressed = new byte[CryptoEngine.Secp256k1PublicKeySize];
        Assert.True(CryptoEngine.Portable.TryDeriveSecp256k1PublicKey(Convert.FromHexString(privateKey), compressed));
        Assert.Equal(publicKey, Convert.ToHexStringLower(compressed));
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData(Order)]
    [InlineData("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    public void Scalars_out_of_range_are_no_private_keys(string scalar)
    {
        byte[] privateKey = Convert.FromHexString(scalar);
        byte[] compressed = [.. Enumerable.Repeat((byte)1, CryptoEngine.Secp256k1PublicKeySize)];
        Assert.False(CryptoEngine.Portable.TryDeriveSecp256k1PublicKey(privateKey, compressed));
        Assert.Equal(new byte[CryptoEngine.Secp256k1PublicKeySize], compressed);
        _ = Assert.Throws<ArgumentException>(() => CryptoEngine.Portable.SignSecp256k1(privateKey, [], new byte[72]));
    }

    [Theory]
    [InlineData(G, true)]
    [InlineData("04" + X + Y, true)]
    [InlineData("04" + X + YPlusOne, false)]
    [InlineData("06" + X + Y, false)] // hybrid
    [InlineData("05" + X, false)]
    [InlineData("020000000000000000000000000000000000000000000000000000000000000005", false)] // x³ + 7 is no square
    [InlineData("02ffffffffffffffffffffffffffffffffffffffffffffffffffffffff00000000", false)] // above p
    [InlineData("02fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc30", false)] // p + 1
    [InlineData("00", false)] // the neutral point
    [InlineData("", false)]
    public void Public_keys_are_points_in_one_of_two_forms(string encoded, bool valid)
    {
        byte[] compressed = new byte[CryptoEngine.Secp256k1PublicKeySize];
        Assert.Equal(valid, CryptoEngine.TryParseSecp256k1PublicKey(Convert.FromHexString(encoded), compressed));
        Assert.Equal(valid ? G : Convert.ToHexStringLower(new byte[33]), Convert.ToHexStringLower(compressed));
    }

    [Fact]
    public void Signatures_pass_between_us_and_the_platform()
    {
        using ECDsa? platform = TryCreatePlatform();
        if (platform is null)
        {
            return; // macOS and the browser have no secp256k1
        }

        Random random = new(256);
        ECParameters parameters = platform.ExportParameters(includePrivateParameters: true);
        byte[] privateKey = parameters.D!;
        byte[] compressed = new byte[33];
        Assert.True(CryptoEngine.Portable.TryDeriveSecp256k1PublicKey(privateKey, compressed));
        byte[] expected = new byte[33];
        Assert.True(CryptoEngine.TryParseSecp256k1PublicKey([4, .. parameters.Q.X!, .. parameters.Q.Y!], expected));
        Assert.Equal(expected, compressed);

        for (int i = 0; i < 100; i++)
        {
            byte[] message = new byte[random.Next(0, 200)];
            random.NextBytes(message);
            byte[] ours = new byte[72];
            int length = CryptoEngine.Portable.SignSecp256k1(privateKey, message, ours);
            Assert.True(platform.VerifyData(message, ours[..length], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
            Assert.True(CryptoEngine.Portable.VerifySecp256k1(compressed, message, ours.AsSpan(0, length)));

            byte[] theirs = platform.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
            Assert.True(CryptoEngine.Portable.VerifySecp256k1(compressed, message, theirs, allowHighS: true));
            Assert.Equal(ReadS(theirs) <= s_halfOrder, CryptoEngine.Portable.VerifySecp256k1(compressed, message, theirs));

            message = [.. message, 1];
            Assert.False(CryptoEngine.Portable.VerifySecp256k1(compressed, message, theirs, allowHighS: true));
        }
    }

    private static ECDsa? TryCreatePlatform()
    {
        try
        {
            return ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));
        }
        catch (Exception e) when (e is PlatformNotSupportedException or CryptographicException)
        {
            return null;
        }
    }

    private static BigInteger ReadS(byte[] der)
    {
        AsnReader sequence = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        _ = sequence.ReadInteger();
        return sequence.ReadInteger();
    }
}
