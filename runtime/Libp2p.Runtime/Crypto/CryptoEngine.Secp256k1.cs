using System.Security.Cryptography;
using Libp2p.Crypto.Portable;

namespace Libp2p.Crypto;

public abstract partial class CryptoEngine
{
    /// <summary>Bytes of a secp256k1 private key: a big-endian scalar.</summary>
    public const int Secp256k1PrivateKeySize = 32;

    /// <summary>Bytes of a compressed secp256k1 public key.</summary>
    public const int Secp256k1PublicKeySize = 33;

    /// <summary>The most bytes a DER signature takes; most take one or two less.</summary>
    public const int Secp256k1MaxSignatureSize = EcdsaDer.MaxSize;

    /// <summary>The compressed public key of a scalar (SEC 1 §2.3.3).</summary>
    /// <param name="privateKey">32 secret bytes, big-endian.</param>
    /// <param name="compressed">Receives 33 bytes; zeros on failure.</param>
    /// <returns>False when the scalar is zero or not below the group's order: no private key. Draw another one.</returns>
    public bool TryDeriveSecp256k1PublicKey(ReadOnlySpan<byte> privateKey, Span<byte> compressed)
    {
        RequireLength(privateKey, Secp256k1PrivateKeySize, nameof(privateKey));
        RequireLength(compressed, Secp256k1PublicKeySize, nameof(compressed));
        if (TryDeriveSecp256k1PublicKeyCore(privateKey, compressed))
        {
            return true;
        }

        compressed.Clear();
        return false;
    }

    /// <summary>
    /// Checks a public key and brings it into the one form that peer ids are made of. Needs no engine: nothing here is secret.
    /// </summary>
    /// <param name="encoded">SEC 1: 33 bytes compressed or 65 uncompressed. The hybrid form is refused.</param>
    /// <param name="compressed">Receives 33 bytes; zeros on failure.</param>
    /// <returns>False when the bytes encode no point of the curve.</returns>
    public static bool TryParseSecp256k1PublicKey(ReadOnlySpan<byte> encoded, Span<byte> compressed)
    {
        RequireLength(compressed, Secp256k1PublicKeySize, nameof(compressed));
        if (AffinePointSecp256k1.TryRead(encoded, out AffinePointSecp256k1 point))
        {
            point.WriteCompressed(compressed);
            return true;
        }

        compressed.Clear();
        return false;
    }

    /// <summary>
    /// ECDSA over the SHA-256 of the message, with the nonce of RFC 6979, the lower of both s, and in DER: the same bytes every time, and
    /// what every libp2p implementation accepts.
    /// </summary>
    /// <param name="privateKey">32 secret bytes, a scalar for which <see cref="TryDeriveSecp256k1PublicKey"/> answers true.</param>
    /// <param name="message">What to sign.</param>
    /// <param name="signature">Room for <see cref="Secp256k1MaxSignatureSize"/> bytes.</param>
    /// <returns>How many bytes the signature has.</returns>
    /// <exception cref="ArgumentException">The private key is none, or there is too little room.</exception>
    public int SignSecp256k1(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        RequireLength(privateKey, Secp256k1PrivateKeySize, nameof(privateKey));
        ArgumentOutOfRangeException.ThrowIfLessThan(signature.Length, Secp256k1MaxSignatureSize, nameof(signature));
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> fixedSize = stackalloc byte[EcdsaDer.FixedSize];
        _ = SHA256.HashData(message, digest);
        if (!TrySignSecp256k1Core(privateKey, digest, fixedSize))
        {
            throw new ArgumentException("The scalar is zero or not below the order of the group.", nameof(privateKey));
        }

        return EcdsaDer.Write(fixedSize, signature);
    }

    /// <summary>Judges an ECDSA signature over the SHA-256 of the message.</summary>
    /// <param name="publicKey">33 or 65 bytes; false when they encode no point.</param>
    /// <param name="message">What was signed.</param>
    /// <param name="signature">Strict DER: any other encoding is refused.</param>
    /// <param name="allowHighS">
    /// Whether to accept the greater of both s, which anyone can make out of the lower one. The js and rust implementations of libp2p
    /// refuse it, and so does the default here.
    /// </param>
    public bool VerifySecp256k1(
        ReadOnlySpan<byte> publicKey,
        ReadOnlySpan<byte> message,
        ReadOnlySpan<byte> signature,
        bool allowHighS = false)
    {
        Span<byte> fixedSize = stackalloc byte[EcdsaDer.FixedSize];
        if (!EcdsaDer.TryRead(signature, fixedSize) || (!allowHighS && Secp256k1.IsHighS(fixedSize)))
        {
            return false;
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        _ = SHA256.HashData(message, digest);
        return VerifySecp256k1Core(publicKey, digest, fixedSize);
    }

    /// <inheritdoc cref="TryDeriveSecp256k1PublicKey"/>
    protected virtual bool TryDeriveSecp256k1PublicKeyCore(ReadOnlySpan<byte> privateKey, Span<byte> compressed) =>
        Secp256k1.TryDerivePublicKey(privateKey, compressed);

    /// <summary>Signs a digest of 32 bytes; the signature is r ‖ s with the lower s. False when the private key is none.</summary>
    protected virtual bool TrySignSecp256k1Core(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> digest, Span<byte> signature) =>
        Secp256k1.TrySign(privateKey, digest, signature);

    /// <summary>Judges r ‖ s, both of any value, over a digest of 32 bytes by a public key of any length.</summary>
    protected virtual bool VerifySecp256k1Core(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature) =>
        AffinePointSecp256k1.TryRead(publicKey, out AffinePointSecp256k1 point) && Secp256k1.Verify(in point, digest, signature);
}
