using System.Security.Cryptography;
using Libp2p.Crypto;

namespace Libp2p.Security.Noise;

/// <summary>
/// Chaining key, transcript hash, and the key they have led to (https://noiseprotocol.org/noise.html#the-symmetricstate-object),
/// with SHA-256. Owns its secrets.
/// </summary>
internal sealed class SymmetricState : IDisposable
{
    private const int HashSize = SHA256.HashSizeInBytes;

    private readonly CryptoEngine _engine;
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _chainingKey = new byte[HashSize];
    private readonly byte[] _hash = new byte[HashSize];
    private CipherState? _cipher;

    /// <summary>Begins a transcript.</summary>
    /// <param name="engine">Serves the AEAD.</param>
    /// <param name="protocolName">At most 32 bytes, so that it is the first hash itself.</param>
    public SymmetricState(CryptoEngine engine, ReadOnlySpan<byte> protocolName)
    {
        _engine = engine;
        protocolName.CopyTo(_hash);
        _hash.CopyTo(_chainingKey);
    }

    /// <summary>The hash of the transcript: the same at both ends, and different in each handshake.</summary>
    public ReadOnlySpan<byte> Hash => _hash;

    /// <summary>Bytes that encryption adds: none before there is a key.</summary>
    public int TagSize => _cipher is null ? 0 : CipherState.TagSize;

    /// <summary>Adds to the transcript.</summary>
    public void MixHash(ReadOnlySpan<byte> data)
    {
        _sha256.AppendData(_hash);
        _sha256.AppendData(data);
        _sha256.GetHashAndReset(_hash);
    }

    /// <summary>Adds a secret to the keys.</summary>
    public void MixKey(ReadOnlySpan<byte> secret)
    {
        Span<byte> keys = stackalloc byte[2 * HashSize];
        Derive(secret, keys);
        keys[..HashSize].CopyTo(_chainingKey);
        _cipher?.Dispose();
        _cipher = new CipherState(_engine, keys[HashSize..]);
        CryptographicOperations.ZeroMemory(keys);
    }

    /// <summary>Encrypts, if there is a key, and adds the ciphertext to the transcript.</summary>
    /// <param name="plaintext">What to encrypt.</param>
    /// <param name="ciphertext">Receives <see cref="TagSize"/> bytes more.</param>
    public void EncryptAndHash(ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        if (_cipher is null)
        {
            plaintext.CopyTo(ciphertext);
        }
        else
        {
            _cipher.Encrypt(plaintext, ciphertext[..plaintext.Length], ciphertext[plaintext.Length..], _hash);
        }

        MixHash(ciphertext);
    }

    /// <summary>Decrypts, if there is a key, and adds the ciphertext to the transcript.</summary>
    /// <param name="ciphertext">What to decrypt; at least <see cref="TagSize"/> bytes.</param>
    /// <param name="plaintext">Receives <see cref="TagSize"/> bytes fewer.</param>
    /// <returns>False when it is not authentic.</returns>
    public bool TryDecryptAndHash(ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        if (_cipher is null)
        {
            ciphertext.CopyTo(plaintext);
        }
        else if (!_cipher.TryDecrypt(ciphertext[..plaintext.Length], ciphertext[plaintext.Length..], plaintext, _hash))
        {
            return false;
        }

        MixHash(ciphertext);
        return true;
    }

    /// <summary>The keys of the session: what the initiator sends with, and what the responder sends with. The caller's.</summary>
    public (CipherState Initiator, CipherState Responder) Split()
    {
        Span<byte> keys = stackalloc byte[2 * HashSize];
        Derive([], keys);
        CipherState initiator = new(_engine, keys[..HashSize]);
        CipherState responder = new(_engine, keys[HashSize..]);
        CryptographicOperations.ZeroMemory(keys);
        return (initiator, responder);
    }

    /// <summary>Wipes all keys.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_chainingKey);
        _cipher?.Dispose();
        _sha256.Dispose();
    }

    /// <summary>The HKDF of Noise, written out: that of the platform refuses the empty secret with which a session is split.</summary>
    private void Derive(ReadOnlySpan<byte> secret, Span<byte> keys)
    {
        Span<byte> temporary = stackalloc byte[HashSize];
        Span<byte> input = stackalloc byte[HashSize + 1];

        HMACSHA256.HashData(_chainingKey, secret, temporary);
        HMACSHA256.HashData(temporary, [1], keys[..HashSize]);

        keys[..HashSize].CopyTo(input);
        input[HashSize] = 2;
        HMACSHA256.HashData(temporary, input, keys[HashSize..]);

        CryptographicOperations.ZeroMemory(temporary);
        CryptographicOperations.ZeroMemory(input);
    }
}
