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
        string served = CryptoEngine.Default.ServedBy(CryptoPrimitive.X25519);
        Assert.Equal(CryptoEngine.TryGetLibsodium(out CryptoEngine? engine), served.StartsWith("libsodium", StringComparison.Ordinal));
        Assert.Equal((engine ?? CryptoEngine.Portable).ServedBy(CryptoPrimitive.Ed25519Signing), CryptoEngine.Default.ServedBy(CryptoPrimitive.Ed25519Signing));
    }

    [Fact]
    public void Contested_answers_never_come_from_a_library_that_answers_otherwise()
    {
        Assert.Equal(CryptoEngine.Portable.ServedBy(CryptoPrimitive.Ed25519Verification), CryptoEngine.Default.ServedBy(CryptoPrimitive.Ed25519Verification));
    }
}
