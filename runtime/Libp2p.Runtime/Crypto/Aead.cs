namespace Libp2p.Crypto;

/// <summary>
/// ChaCha20-Poly1305 under one key (RFC 8439). The tag is a span of its own, so it may stand anywhere: Noise keeps it right behind the
/// ciphertext and decrypts a frame where it lies.
/// </summary>
/// <remarks>
/// <para>Plaintext and ciphertext have the same length and are either the same memory or do not overlap at all.</para>
/// <para>One call at a time: a connection keeps one instance per direction. Nonces are the caller's; one is never used twice for sealing.
/// </para>
/// <para>The instance owns a copy of its key until <see cref="Dispose()"/>, which wipes it; afterwards every call throws
/// <see cref="ObjectDisposedException"/>.</para>
/// </remarks>
public abstract class Aead : IDisposable
{
    /// <summary>Bytes of a key.</summary>
    public const int KeySize = 32;

    /// <summary>Bytes of a nonce.</summary>
    public const int NonceSize = 12;

    /// <summary>Bytes of a tag.</summary>
    public const int TagSize = 16;

    private bool _disposed;

    /// <summary>Encrypts and authenticates.</summary>
    /// <param name="nonce">12 bytes, unique under this key.</param>
    /// <param name="plaintext">What to encrypt; may be empty.</param>
    /// <param name="ciphertext">Receives as many bytes as the plaintext has; may be the plaintext's own memory.</param>
    /// <param name="tag">Receives 16 bytes; overlaps neither.</param>
    /// <param name="associatedData">Authenticated, not encrypted; overlaps neither output.</param>
    /// <exception cref="ArgumentException">A length is wrong, or plaintext and ciphertext overlap without being the same.</exception>
    public void Seal(
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> plaintext,
        Span<byte> ciphertext,
        Span<byte> tag,
        ReadOnlySpan<byte> associatedData = default)
    {
        Check(nonce, plaintext, ciphertext, tag);
        SealCore(nonce, plaintext, ciphertext, tag, associatedData);
    }

    /// <summary>Checks the tag and decrypts.</summary>
    /// <param name="nonce">The 12 bytes it was sealed with.</param>
    /// <param name="ciphertext">What to decrypt; may be empty.</param>
    /// <param name="tag">Its 16-byte tag.</param>
    /// <param name="plaintext">Receives as many bytes as the ciphertext has; may be the ciphertext's own memory.</param>
    /// <param name="associatedData">The same bytes it was sealed with.</param>
    /// <returns>False when anything was tampered with; <paramref name="plaintext"/> is then all zero.</returns>
    /// <exception cref="ArgumentException">A length is wrong, or plaintext and ciphertext overlap without being the same.</exception>
    public bool Open(
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> ciphertext,
        ReadOnlySpan<byte> tag,
        Span<byte> plaintext,
        ReadOnlySpan<byte> associatedData = default)
    {
        Check(nonce, ciphertext, plaintext, tag);
        if (OpenCore(nonce, ciphertext, tag, plaintext, associatedData))
        {
            return true;
        }

        plaintext.Clear();
        return false;
    }

    /// <summary>Wipes the key. Idempotent; not to be called while another call runs.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            Dispose(disposing: true);
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Seals; lengths and overlap have been checked.</summary>
    protected abstract void SealCore(
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> plaintext,
        Span<byte> ciphertext,
        Span<byte> tag,
        ReadOnlySpan<byte> associatedData);

    /// <summary>Opens; lengths and overlap have been checked. After false the caller clears the plaintext.</summary>
    protected abstract bool OpenCore(
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> ciphertext,
        ReadOnlySpan<byte> tag,
        Span<byte> plaintext,
        ReadOnlySpan<byte> associatedData);

    /// <summary>Wipes the key and releases what the library holds. Called once.</summary>
    protected abstract void Dispose(bool disposing);

    private void Check(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> source, ReadOnlySpan<byte> destination, ReadOnlySpan<byte> tag)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (nonce.Length != NonceSize || tag.Length != TagSize || source.Length != destination.Length)
        {
            throw new ArgumentException("A nonce has 12 bytes, a tag 16, and plaintext and ciphertext have the same length.");
        }

        if (source.Overlaps(destination, out int offset) && offset != 0)
        {
            throw new ArgumentException("Plaintext and ciphertext are the same memory, or do not overlap.");
        }
    }
}
