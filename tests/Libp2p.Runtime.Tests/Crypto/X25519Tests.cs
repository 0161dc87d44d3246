using System.Text.Json;
using Libp2p.Crypto;

namespace Libp2p.Tests.Crypto;

public class X25519Tests
{
    [Theory, EngineData, LibsodiumData]
    public void Rfc_7748_functions_hold(string name)
    {
        CryptoEngine engine = Engines.ByName(name);
        foreach (JsonElement row in Vectors.Load("rfc7748_x25519.json").GetProperty("function").EnumerateArray())
        {
            byte[] output = new byte[32];
            Assert.True(engine.TryAgreeX25519(row.Hex("scalar"), row.Hex("u"), output));
            Assert.Equal(row.Hex("output"), output);
        }
    }

    [Theory, EngineData, LibsodiumData]
    public void Rfc_7748_iteration_holds(string name)
    {
        CryptoEngine engine = Engines.ByName(name);
        JsonElement row = Vectors.Load("rfc7748_x25519.json").GetProperty("iterated");
        byte[] k = row.Hex("k_and_u_start");
        byte[] u = row.Hex("k_and_u_start");
        for (int i = 1; i <= 1000; i++)
        {
            byte[] next = new byte[32];
            Assert.True(engine.TryAgreeX25519(k, u, next));
            (k, u) = (next, k);
            if (i == 1)
            {
                Assert.Equal(row.Hex("after_1"), k);
            }
        }

        Assert.Equal(row.Hex("after_1000"), k);
    }

    [Theory, EngineData, LibsodiumData]
    public void Rfc_7748_diffie_hellman_holds(string name)
    {
        CryptoEngine engine = Engines.ByName(name);
        JsonElement row = Vectors.Load("rfc7748_x25519.json").GetProperty("diffie_hellman");
        foreach (string who in new[] { "alice", "bob" })
        {
            byte[] publicKey = new byte[32];
            engine.DeriveX25519PublicKey(row.Hex(who + "_private"), publicKey);
            Assert.Equal(row.Hex(who + "_public"), publicKey);
        }

        byte[] shared = new byte[32];
        Assert.True(engine.TryAgreeX25519(row.Hex("alice_private"), row.Hex("bob_public"), shared));
        Assert.Equal(row.Hex("shared"), shared);
        Assert.True(engine.TryAgreeX25519(row.Hex("bob_private"), row.Hex("alice_public"), shared));
        Assert.Equal(row.Hex("shared"), shared);
    }

    [Theory, EngineData, LibsodiumData]
    public void Wycheproof_holds_and_all_zero_secrets_are_refused(string name)
    {
        CryptoEngine engine = Engines.ByName(name);
        foreach ((_, JsonElement test) in Vectors.Wycheproof("x25519_test.json"))
        {
            byte[] shared = new byte[32];
            byte[] expected = test.Hex("shared");
            bool agreed = engine.TryAgreeX25519(test.Hex("private"), test.Hex("public"), shared);
            Assert.True(agreed == expected.Any(b => b != 0), test.Label());
            Assert.True(shared.SequenceEqual(expected), test.Label());
        }
    }

    [Theory, EngineData, LibsodiumData]
    public void Public_keys_are_the_ladder_on_the_base_point(string name)
    {
        CryptoEngine engine = Engines.ByName(name);
        Random random = new(7748);
        byte[] basePoint = new byte[32];
        basePoint[0] = 9;
        byte[] privateKey = new byte[32];
        for (int i = 0; i < 300; i++)
        {
            random.NextBytes(privateKey);
            if (i < 2)
            {
                Array.Fill(privateKey, i == 0 ? (byte)0 : (byte)0xFF);
            }

            byte[] publicKey = new byte[32];
            byte[] expected = new byte[32];
            engine.DeriveX25519PublicKey(privateKey, publicKey);
            Assert.True(CryptoEngine.Portable.TryAgreeX25519(privateKey, basePoint, expected));
            Assert.Equal(expected, publicKey);
        }
    }

    [Theory, EngineData, LibsodiumData]
    public void Public_keys_of_the_wrong_length_are_refused(string name)
    {
        CryptoEngine engine = Engines.ByName(name);
        foreach (JsonElement wrong in Vectors.Load("rfc7748_x25519.json").GetProperty("must_refuse_length").EnumerateArray())
        {
            byte[] shared = [.. Enumerable.Repeat((byte)1, 32)];
            Assert.False(engine.TryAgreeX25519(new byte[32], Convert.FromHexString(wrong.GetString()!), shared));
            Assert.Equal(new byte[32], shared);
        }
    }

    [Theory, EngineData, LibsodiumData]
    public void Our_own_spans_of_the_wrong_length_throw(string name)
    {
        CryptoEngine engine = Engines.ByName(name);
        _ = Assert.Throws<ArgumentException>(() => engine.TryAgreeX25519(new byte[31], new byte[32], new byte[32]));
        _ = Assert.Throws<ArgumentException>(() => engine.TryAgreeX25519(new byte[32], new byte[32], new byte[33]));
        _ = Assert.Throws<ArgumentException>(() => engine.DeriveX25519PublicKey(new byte[33], new byte[32]));
    }
}
