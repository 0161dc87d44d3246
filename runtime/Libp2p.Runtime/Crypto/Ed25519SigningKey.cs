namespace Libp2p.Crypto;

/// <summary>
/// An Ed25519 private key, expanded and ready to sign. Owns its secrets until it is disposed, and wipes them then.
/// Signing is safe from many threads at once; disposing while one signs is not.
/// </summary>
public abstract class Ed25519SigningKey : IDisposable
{
    private readonly byte[] _publicKey = new byte[CryptoEngine.Ed25519KeySize];
    private bool _disposed;

    /// <summary>The 32 bytes of the public key, derived from the seed; readable after disposal too.</summary>
    public ReadOnlySpan<byte> PublicKey => _publicKey;

    /// <summary>Signs (RFC 8032 §5.1.6): deterministic, the same message gives the same 64 bytes.</summary>
    /// <param name="message">What to sign.</param>
    /// <param name="signature">Receives 64 bytes; must not overlap the message.</param>
    public void Sign(ReadOnlySpan<byte> message, Span<byte> signature)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (signature.Length != CryptoEngine.Ed25519SignatureSize || message.Overlaps(signature))
        {
            throw new ArgumentException("A signature has 64 bytes and does not overlap the message.", nameof(signature));
        }

        SignCore(message, signature);
    }

    /// <summary>Wipes the key. Idempotent.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            Dispose(disposing: true);
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>For the constructor of a derived class: where the public key is written, once.</summary>
    protected Span<byte> PublicKeyBuffer => _publicKey;

    /// <summary>Signs; lengths have been checked.</summary>
    protected abstract void SignCore(ReadOnlySpan<byte> message, Span<byte> signature);

    /// <summary>Wipes the secrets. Called once.</summary>
    protected abstract void Dispose(bool disposing);
}
