using System.Text.Json;
using Libp2p.Crypto;

namespace Libp2p.Tests.Crypto;

public class Ed25519Tests
{
    [Theory, EngineData, LibsodiumData]
    public void Rfc_8032_signatures_are_made_and_accepted(string name)
    {
        CryptoEngine engine = Engines.ByName(name);
        foreach (JsonElement row in Vectors.Load("rfc8032_ed25519.json").GetProperty("sign").EnumerateArray())
        {
            byte[] publicKey = new byte[32];
            byte[] signature = new byte[64];
            engine.DeriveEd25519PublicKey(row.Hex("seed"), publicKey);
            Assert.Equal(row.Hex("public"), publicKey);
            engine.SignEd25519(row.Hex("seed"), row.Hex("message"), signature);
            Assert.Equal(row.Hex("signature"), signature);
            Assert.True(engine.VerifyEd25519(publicKey, row.Hex("message"), signature));
        }
    }

    [Theory, EngineData, LibsodiumData]
    public void Malleable_signatures_are_refused(string name)
    {
        CryptoEngine engine = Engines.ByName(name);
        foreach (JsonElement row in Vectors.Load("rfc8032_ed25519.json").GetProperty("verify_malleability").EnumerateArray())
        {
            bool valid = row.GetProperty("valid").GetBoolean();
            Assert.Equal(valid, engine.VerifyEd25519(row.Hex("public"), row.Hex("message"), row.Hex("signature")));
        }
    }

    [Theory, EngineData, LibsodiumData]
    public void Wycheproof_holds(string name)
    {
        CryptoEngine engine = Engines.ByName(name);
        foreach ((JsonElement group, JsonElement test) in Vectors.Wycheproof("ed25519_test.json"))
        {
            bool valid = engine.VerifyEd25519(group.GetProperty("publicKey").Hex("pk"), test.Hex("msg"), test.Hex("sig"));
            Assert.True(valid == (test.Text("result") == "valid"), test.Label());
        }
    }

    [Theory, EngineData, LibsodiumData]
    public void Random_signatures_verify_and_any_changed_bit_is_noticed(string name)
    {
        CryptoEngine engine = Engines.ByName(name);
        Random random = new(8032);
        for (int i = 0; i < 100; i++)
        {
            byte[] seed = new byte[32];
            byte[] message = new byte[random.Next(0, 1500)];
            byte[] signature = new byte[64];
            random.NextBytes(seed);
            random.NextBytes(message);
            using Ed25519SigningKey key = engine.CreateEd25519SigningKey(seed);
            key.Sign(message, signature);
            Assert.True(engine.VerifyEd25519(key.PublicKey, message, signature));

            int bit = random.Next(0, 512);
            signature[bit >> 3] ^= (byte)(1 << (bit & 7));
            Assert.False(engine.VerifyEd25519(key.PublicKey, message, signature));
        }
    }

    [Theory, EngineData, LibsodiumData]
    public void A_disposed_key_signs_no_more_and_still_tells_its_public_half(string name)
    {
        Ed25519SigningKey key = Engines.ByName(name).CreateEd25519SigningKey(new byte[32]);
        byte[] publicKey = key.PublicKey.ToArray();
        key.Dispose();
        key.Dispose();
        _ = Assert.Throws<ObjectDisposedException>(() => key.Sign([1], new byte[64]));
        Assert.Equal(publicKey, key.PublicKey.ToArray());
    }

    [Theory, EngineData, LibsodiumData]
    public void Lengths_of_peers_are_answered_and_our_own_are_thrown(string name)
    {
        CryptoEngine engine = Engines.ByName(name);
        Assert.False(engine.VerifyEd25519(new byte[31], [], new byte[64]));
        Assert.False(engine.VerifyEd25519(new byte[32], [], new byte[63]));
        Assert.False(engine.VerifyEd25519(new byte[32], [], new byte[65]));
        _ = Assert.Throws<ArgumentException>(() => engine.SignEd25519(new byte[64], [], new byte[64]));
        _ = Assert.Throws<ArgumentException>(() => engine.SignEd25519(new byte[32], [], new byte[65]));
        byte[] both = new byte[100];
        _ = Assert.Throws<ArgumentException>(() => engine.SignEd25519(new byte[32], both, both.AsSpan(0, 64)));
    }
}
