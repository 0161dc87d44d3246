using Libp2p.Crypto;

namespace Libp2p.TestKit;

/// <summary>Identities that are the same in every run.</summary>
public static class TestIdentity
{
    /// <summary>Verifies the signatures of every type.</summary>
    public static SignatureVerifier Verifier { get; } = new(CryptoEngine.Default);

    /// <summary>An Ed25519 identity; the same seed gives the same one.</summary>
    public static KeyPairSigner Ed25519(ulong seed) => Of(KeyType.Ed25519, seed);

    /// <summary>An identity of a type; the same seed gives the same one, but for RSA, whose keys the platform draws.</summary>
    public static KeyPairSigner Of(KeyType type, ulong seed) => new(PrivateKey.Generate(type, new SeededRandomSource(seed), CryptoEngine.Default));
}
