namespace Libp2p;

/// <summary>The algorithms of libp2p identity keys; the values are those of the <c>KeyType</c> enum on the wire.</summary>
public enum KeyType
{
    /// <summary>RSA; the key is a PKIX SubjectPublicKeyInfo.</summary>
    Rsa = 0,

    /// <summary>Ed25519; the key is 32 bytes.</summary>
    Ed25519 = 1,

    /// <summary>secp256k1; the key is a compressed point of 33 bytes.</summary>
    Secp256k1 = 2,

    /// <summary>ECDSA on a NIST curve; the key is a PKIX SubjectPublicKeyInfo.</summary>
    Ecdsa = 3,
}
