using System.Security.Cryptography;

namespace Libp2p.Crypto.Libsodium;

/// <summary>
/// libsodium for all it has of the seam but one: its verification of Ed25519 refuses small-order and non-canonical points that Go accepts,
/// and answers must not depend on the engine, so signatures are judged by the portable code.
/// </summary>
internal sealed class LibsodiumEngine : CryptoEngine
{
    private LibsodiumEngine()
    {
    }

    /// <summary>The engine, or null where libsodium is not installed.</summary>
    public static LibsodiumEngine? Instance { get; } = Sodium.Version is null ? null : new LibsodiumEngine();

    public override string Name => "libsodium";

    public override string ServedBy(CryptoPrimitive primitive) => primitive switch
    {
        CryptoPrimitive.ChaCha20Poly1305 or CryptoPrimitive.X25519 or CryptoPrimitive.Ed25519Signing => $"libsodium {Sodium.Version}",
        _ => base.ServedBy(primitive),
    };

    protected override Aead CreateChaCha20Poly1305Core(ReadOnlySpan<byte> key) => new LibsodiumAead(key);

    protected override void DeriveX25519PublicKeyCore(ReadOnlySpan<byte> privateKey, Span<byte> publicKey) =>
        _ = Sodium.X25519Base(publicKey, privateKey);

    protected override bool TryAgreeX25519Core(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret)
    {
        // It refuses points of small order, which are those that give all zero, and may leave the output untouched then.
        if (Sodium.X25519(sharedSecret, privateKey, publicKey) == 0)
        {
            return true;
        }

        sharedSecret.Clear();
        return false;
    }

    protected override void DeriveEd25519PublicKeyCore(ReadOnlySpan<byte> seed, Span<byte> publicKey)
    {
        Span<byte> secretKey = stackalloc byte[LibsodiumEd25519SigningKey.SecretKeySize];
        _ = Sodium.Ed25519KeyPair(publicKey, secretKey, seed);
        CryptographicOperations.ZeroMemory(secretKey);
    }

    protected override Ed25519SigningKey CreateEd25519SigningKeyCore(ReadOnlySpan<byte> seed) => new LibsodiumEd25519SigningKey(seed);
}
