using System.Text;
using System.Text.Json;
using Libp2p.Crypto;

namespace Libp2p.Tests.Crypto;

/// <summary>Signatures on which verifiers differ: here the answer is that of Go's crypto/ed25519, whatever the engine.</summary>
public class Ed25519ContestedTests
{
    private const string Identity = "0100000000000000000000000000000000000000000000000000000000000000";
    private const string IdentityMinusZero = "0100000000000000000000000000000000000000000000000000000000000080";
    private const string IdentityAboveP = "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f";
    private const string IdentityMinusZeroAboveP = "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
    private const string Zero = "0000000000000000000000000000000000000000000000000000000000000000";
    private const string Order = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
    private const string TwoIsNoPoint = "0200000000000000000000000000000000000000000000000000000000000000";

    [Theory, EngineData, LibsodiumData]
    public void Small_order_and_non_canonical_points_are_judged_as_go_judges_them(string name)
    {
        CryptoEngine engine = Engines.ByName(name);
        foreach (JsonElement vector in Vectors.Load("cctv_ed25519.json").GetProperty("vectors").EnumerateArray())
        {
            // Cofactorless, so a residue of low order is seen; and R is compared with the canonical encoding. All else is accepted.
            bool valid = !vector.HasFlag("low_order_residue") && !vector.HasFlag("non_canonical_R");
            byte[] message = Encoding.ASCII.GetBytes(vector.Text("msg"));
            Assert.True(
                valid == engine.VerifyEd25519(vector.Hex("key"), message, vector.Hex("sig")),
                $"vector {vector.GetProperty("number")}: {vector.GetProperty("flags")}");
        }
    }

    // With the identity as A and R and S = 0, the equation holds for every message: what remains is how points and S are read.
    [Theory]
    [InlineData(Identity, Identity, Zero, true)]
    [InlineData(IdentityMinusZero, Identity, Zero, true)]
    [InlineData(IdentityAboveP, Identity, Zero, true)]
    [InlineData(IdentityMinusZeroAboveP, Identity, Zero, true)]
    [InlineData(Identity, IdentityMinusZero, Zero, false)]
    [InlineData(Identity, IdentityAboveP, Zero, false)]
    [InlineData(Identity, IdentityMinusZeroAboveP, Zero, false)]
    [InlineData(Identity, Identity, Order, false)]
    [InlineData(TwoIsNoPoint, Identity, Zero, false)]
    public void A_is_read_freely_R_and_S_strictly(string a, string r, string s, bool valid)
    {
        byte[] publicKey = Convert.FromHexString(a);
        byte[] signature = Convert.FromHexString(r + s);
        Assert.Equal(valid, CryptoEngine.Portable.VerifyEd25519(publicKey, "any"u8, signature));
        Assert.Equal(valid, CryptoEngine.Default.VerifyEd25519(publicKey, "any"u8, signature));
    }

    [Theory, EngineData, LibsodiumData]
    public void S_plus_the_order_is_refused(string name)
    {
        CryptoEngine engine = Engines.ByName(name);
        byte[] signature = new byte[64];
        using Ed25519SigningKey key = engine.CreateEd25519SigningKey(new byte[32]);
        key.Sign("message"u8, signature);
        Assert.True(engine.VerifyEd25519(key.PublicKey, "message"u8, signature));

        byte[] order = Convert.FromHexString(Order);
        int carry = 0;
        for (int i = 0; i < 32; i++)
        {
            carry += signature[32 + i] + order[i];
            signature[32 + i] = (byte)carry;
            carry >>= 8;
        }

        Assert.False(engine.VerifyEd25519(key.PublicKey, "message"u8, signature));
    }
}
