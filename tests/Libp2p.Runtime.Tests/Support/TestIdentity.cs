using Libp2p.Crypto;
using Libp2p.TestKit;

namespace Libp2p.Tests;

/// <summary>Identities that are the same in every run.</summary>
internal static class TestIdentity
{
    public static SignatureVerifier Verifier { get; } = new(CryptoEngine.Default);

    public static KeyPairSigner Ed25519(ulong seed) => new(PrivateKey.GenerateEd25519(new SeededRandomSource(seed), CryptoEngine.Default));
}
