using System.Security.Cryptography;

namespace Libp2p.Crypto.Libsodium;

/// <summary>An Ed25519 key in libsodium's form, seed ‖ public key.</summary>
internal sealed class LibsodiumEd25519SigningKey : Ed25519SigningKey
{
    public const int SecretKeySize = 2 * CryptoEngine.Ed25519KeySize;

    private readonly byte[] _secretKey = GC.AllocateUninitializedArray<byte>(SecretKeySize, pinned: true);

    public LibsodiumEd25519SigningKey(ReadOnlySpan<byte> seed) => _ = Sodium.Ed25519KeyPair(PublicKeyBuffer, _secretKey, seed);

    protected override void SignCore(ReadOnlySpan<byte> message, Span<byte> signature) =>
        _ = Sodium.Ed25519Sign(signature, signatureLength: 0, message, (ulong)message.Length, _secretKey);

    protected override void Dispose(bool disposing) => CryptographicOperations.ZeroMemory(_secretKey);
}
