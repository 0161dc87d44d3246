namespace Libp2p.Crypto;

/// <summary>What a <see cref="CryptoEngine"/> serves.</summary>
public enum CryptoPrimitive
{
    /// <summary>The AEAD of RFC 8439.</summary>
    ChaCha20Poly1305,

    /// <summary>The key agreement of RFC 7748.</summary>
    X25519,

    /// <summary>Making Ed25519 public keys and signatures, RFC 8032.</summary>
    Ed25519Signing,

    /// <summary>Judging Ed25519 signatures.</summary>
    Ed25519Verification,

    /// <summary>ECDSA with SHA-256 over secp256k1.</summary>
    Secp256k1,
}
