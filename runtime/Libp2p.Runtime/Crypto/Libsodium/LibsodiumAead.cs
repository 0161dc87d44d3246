using System.Security.Cryptography;

namespace Libp2p.Crypto.Libsodium;

/// <summary>ChaCha20-Poly1305 of libsodium. In place is allowed there too, when both begin at the same byte.</summary>
internal sealed class LibsodiumAead : Aead
{
    private readonly byte[] _key = GC.AllocateUninitializedArray<byte>(KeySize, pinned: true);

    public LibsodiumAead(ReadOnlySpan<byte> key) => key.CopyTo(_key);

    protected override void SealCore(
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> plaintext,
        Span<byte> ciphertext,
        Span<byte> tag,
        ReadOnlySpan<byte> associatedData) =>
        _ = Sodium.Seal(
            ciphertext,
            tag,
            tagLength: 0,
            plaintext,
            (ulong)plaintext.Length,
            associatedData,
            (ulong)associatedData.Length,
            secretNonce: 0,
            nonce,
            _key);

    protected override bool OpenCore(
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> ciphertext,
        ReadOnlySpan<byte> tag,
        Span<byte> plaintext,
        ReadOnlySpan<byte> associatedData)
    {
        // Without somewhere to put the plaintext it only checks the tag; so an empty message, whose span is null, is checked and done.
        int result = Sodium.Open(
            plaintext,
            secretNonce: 0,
            ciphertext,
            (ulong)ciphertext.Length,
            tag,
            associatedData,
            (ulong)associatedData.Length,
            nonce,
            _key);
        return result == 0;
    }

    protected override void Dispose(bool disposing) => CryptographicOperations.ZeroMemory(_key);
}
