using Libp2p.Crypto.Portable;

namespace Libp2p.Crypto;

public abstract partial class CryptoEngine
{
    /// <summary>X25519 of <paramref name="privateKey"/> and the base point (RFC 7748 §6.1).</summary>
    /// <param name="privateKey">32 secret bytes; clamped here, so any value is one.</param>
    /// <param name="publicKey">Receives 32 bytes.</param>
    public void DeriveX25519PublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        RequireLength(privateKey, X25519Size, nameof(privateKey));
        RequireLength(publicKey, X25519Size, nameof(publicKey));
        DeriveX25519PublicKeyCore(privateKey, publicKey);
    }

    /// <summary>X25519 of our private and their public key (RFC 7748 §5, §6.1).</summary>
    /// <param name="privateKey">32 secret bytes; clamped here.</param>
    /// <param name="publicKey">32 bytes from the peer; as the RFC asks, the top bit is ignored and the value is reduced.</param>
    /// <param name="sharedSecret">Receives 32 bytes; wipe them after deriving keys.</param>
    /// <returns>
    /// False when the secret is all zero, because the peer sent a point of small order and contributed nothing, or when the public key has
    /// not 32 bytes. Abort the handshake.
    /// </returns>
    public bool TryAgreeX25519(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret)
    {
        RequireLength(privateKey, X25519Size, nameof(privateKey));
        RequireLength(sharedSecret, X25519Size, nameof(sharedSecret));
        if (publicKey.Length == X25519Size)
        {
            return TryAgreeX25519Core(privateKey, publicKey, sharedSecret);
        }

        sharedSecret.Clear();
        return false;
    }

    /// <summary>The Ed25519 public key of a seed (RFC 8032 §5.1.5).</summary>
    /// <param name="seed">The 32-byte private key.</param>
    /// <param name="publicKey">Receives 32 bytes.</param>
    public void DeriveEd25519PublicKey(ReadOnlySpan<byte> seed, Span<byte> publicKey)
    {
        RequireLength(seed, Ed25519KeySize, nameof(seed));
        RequireLength(publicKey, Ed25519KeySize, nameof(publicKey));
        DeriveEd25519PublicKeyCore(seed, publicKey);
    }

    /// <summary>
    /// Expands a seed into a key that signs: what pays when one identity signs often. The seed is copied; the caller disposes the result,
    /// and that wipes it.
    /// </summary>
    public Ed25519SigningKey CreateEd25519SigningKey(ReadOnlySpan<byte> seed)
    {
        RequireLength(seed, Ed25519KeySize, nameof(seed));
        return CreateEd25519SigningKeyCore(seed);
    }

    /// <summary>
    /// Signs once (RFC 8032 §5.1.6, PureEdDSA). The public key, which enters the hash, is derived from the seed and never taken from
    /// outside: a signature made with another's public key gives the private key away.
    /// </summary>
    /// <param name="seed">The 32-byte private key.</param>
    /// <param name="message">What to sign.</param>
    /// <param name="signature">Receives 64 bytes; must not overlap the message.</param>
    public void SignEd25519(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        using Ed25519SigningKey key = CreateEd25519SigningKey(seed);
        key.Sign(message, signature);
    }

    /// <summary>Judges an Ed25519 signature, and every engine judges alike.</summary>
    /// <remarks>
    /// Honest signatures satisfy every verifier; the contested ones are judged as Go's <c>crypto/ed25519</c> does: by the cofactorless
    /// equation <c>encode([S]B − [k]A) = R</c>, compared as bytes, so a non-canonical R never matches; S must be below the group's order;
    /// A may be any encoding that decodes (y is reduced, a sign bit on x = 0 and small order are accepted), and k hashes A's bytes as sent.
    /// </remarks>
    /// <param name="publicKey">Their public key; false unless it has 32 bytes.</param>
    /// <param name="message">What was signed.</param>
    /// <param name="signature">The signature; false unless it has 64 bytes.</param>
    public bool VerifyEd25519(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        publicKey.Length == Ed25519KeySize
        && signature.Length == Ed25519SignatureSize
        && VerifyEd25519Core(publicKey, message, signature);

    /// <inheritdoc cref="DeriveX25519PublicKey"/>
    protected virtual void DeriveX25519PublicKeyCore(ReadOnlySpan<byte> privateKey, Span<byte> publicKey) =>
        X25519.DerivePublicKey(privateKey, publicKey);

    /// <inheritdoc cref="TryAgreeX25519"/>
    protected virtual bool TryAgreeX25519Core(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret) =>
        X25519.TryAgree(privateKey, publicKey, sharedSecret);

    /// <inheritdoc cref="DeriveEd25519PublicKey"/>
    protected virtual void DeriveEd25519PublicKeyCore(ReadOnlySpan<byte> seed, Span<byte> publicKey) =>
        Ed25519.DerivePublicKey(seed, publicKey);

    /// <inheritdoc cref="CreateEd25519SigningKey"/>
    protected virtual Ed25519SigningKey CreateEd25519SigningKeyCore(ReadOnlySpan<byte> seed) => new PortableEd25519SigningKey(seed);

    /// <inheritdoc cref="VerifyEd25519"/>
    protected virtual bool VerifyEd25519Core(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        Ed25519Verifier.Verify(publicKey, message, signature);
}
