using Libp2p.Crypto;

namespace Libp2p.Tests.Crypto;

public class CryptoEngineTests
{
    [Theory, EngineData, LibsodiumData]
    public void The_description_names_a_library_for_every_primitive(string name)
    {
        CryptoEngine engine = Engines.ByName(name);
        Assert.Equal(name, engine.Name);
        Assert.Equal(name, engine.ToString());
        foreach (CryptoPrimitive primitive in Enum.GetValues<CryptoPrimitive>())
        {
            Assert.Contains($"{primitive}: {engine.ServedBy(primitive)}", engine.Description, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_default_takes_curve25519_from_libsodium_only_where_it_is()
    {
        CryptoEngine expected = CryptoEngine.TryGetLibsodium(out CryptoEngine? engine) ? engine : CryptoEngine.Portable;
        foreach (CryptoPrimitive primitive in new[] { CryptoPrimitive.X25519, CryptoPrimitive.Ed25519Signing })
        {
            Assert.Equal(expected.ServedBy(primitive), CryptoEngine.Default.ServedBy(primitive));
        }
    }

    [Fact]
    public void Contested_answers_never_come_from_a_library_that_answers_otherwise()
    {
        string portable = CryptoEngine.Portable.ServedBy(CryptoPrimitive.Ed25519Verification);
        Assert.Equal(portable, CryptoEngine.Default.ServedBy(CryptoPrimitive.Ed25519Verification));
    }

    [Theory, EngineData, LibsodiumData]
    public void Every_engine_answers_as_the_portable_one(string name)
    {
        CryptoEngine engine = Engines.ByName(name);
        Random random = new(5);
        byte[] key = new byte[32];
        byte[] point = new byte[32];
        for (int i = 0; i < 300; i++)
        {
            random.NextBytes(key);
            random.NextBytes(point); // half of these lie on the twist, which X25519 takes as well
            byte[] expected = new byte[32];
            byte[] actual = new byte[32];
            Assert.True(CryptoEngine.Portable.TryAgreeX25519(key, point, expected));
            Assert.True(engine.TryAgreeX25519(key, point, actual));
            Assert.Equal(expected, actual);

            CryptoEngine.Portable.DeriveEd25519PublicKey(key, expected);
            engine.DeriveEd25519PublicKey(key, actual);
            Assert.Equal(expected, actual);

            byte[] signature = new byte[64];
            engine.SignEd25519(key, point, signature);
            Assert.True(CryptoEngine.Portable.VerifyEd25519(expected, point, signature));
        }
    }
}
