using System.Buffers.Binary;
using Libp2p.Crypto;

namespace Libp2p.Security.Noise;

/// <summary>
/// A key and its counter (https://noiseprotocol.org/noise.html#the-cipherstate-object). The nonce of ChaCha20-Poly1305 is four zero
/// bytes and the counter in little endian.
/// </summary>
internal sealed class CipherState : IDisposable
{
    /// <summary>Bytes that encryption adds.</summary>
    public const int TagSize = Aead.TagSize;

    private const int CounterAt = Aead.NonceSize - sizeof(ulong);

    /// <summary>Reserved by the specification.</summary>
    private const ulong LastNonce = ulong.MaxValue;

    private readonly Aead _aead;
    private ulong _nonce;

    /// <summary>Starts to count.</summary>
    /// <param name="engine">Serves the AEAD.</param>
    /// <param name="key">32 bytes; copied.</param>
    /// <param name="nonce">Where to start; other than 0 in tests only.</param>
    public CipherState(CryptoEngine engine, ReadOnlySpan<byte> key, ulong nonce = 0)
    {
        _aead = engine.CreateChaCha20Poly1305(key);
        _nonce = nonce;
    }

    /// <summary>Messages so far.</summary>
    public ulong Count => _nonce;

    /// <summary>Encrypts the next message; in place, if ciphertext and plaintext are the same memory.</summary>
    /// <exception cref="LimitExceededException">The counter is used up.</exception>
    public void Encrypt(
        ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData = default)
    {
        Span<byte> nonce = stackalloc byte[Aead.NonceSize];
        WriteNonce(nonce);
        _aead.Seal(nonce, plaintext, ciphertext, tag, associatedData);
        _nonce++;
    }

    /// <summary>Decrypts the next message; in place, if ciphertext and plaintext are the same memory.</summary>
    /// <returns>False when it is not authentic; the counter stays.</returns>
    /// <exception cref="LimitExceededException">The counter is used up.</exception>
    public bool TryDecrypt(
        ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext, ReadOnlySpan<byte> associatedData = default)
    {
        Span<byte> nonce = stackalloc byte[Aead.NonceSize];
        WriteNonce(nonce);

        if (!_aead.Open(nonce, ciphertext, tag, plaintext, associatedData))
        {
            return false;
        }

        _nonce++;
        return true;
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose() => _aead.Dispose();

    private void WriteNonce(Span<byte> nonce)
    {
        if (_nonce == LastNonce)
        {
            throw new LimitExceededException("A Noise session carries no more messages in one direction; the peers need a new connection");
        }

        nonce[..CounterAt].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(nonce[CounterAt..], _nonce);
    }
}
