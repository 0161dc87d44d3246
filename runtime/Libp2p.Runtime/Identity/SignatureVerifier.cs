using Libp2p.Crypto;

namespace Libp2p;

/// <summary>Verifies signatures of all four kinds of identity keys, in this process.</summary>
/// <param name="engine">Serves the curves that not every platform has.</param>
public sealed class SignatureVerifier(CryptoEngine engine) : ISignatureVerifier
{
    /// <inheritdoc/>
    public ValueTask<bool> VerifyAsync(
        PublicKey key, ReadOnlyMemory<byte> message, ReadOnlyMemory<byte> signature, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<bool>(Verify(key, message.Span, signature.Span));
    }

    /// <summary>As <see cref="VerifyAsync"/>, at once.</summary>
    public bool Verify(PublicKey key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        ArgumentNullException.ThrowIfNull(key);

        return key.Type switch
        {
            KeyType.Ed25519 => engine.VerifyEd25519(key.Data.Span, message, signature),
            KeyType.Secp256k1 => engine.VerifySecp256k1(key.Data.Span, message, signature),
            KeyType.Rsa => RsaSignatures.Verify(key.Data.Span, message, signature),
            KeyType.Ecdsa => EcdsaSignatures.Verify(key.Data.Span, message, signature),
            _ => false,
        };
    }

    /// <summary>
    /// Whether any signature could be verified with the key here: a <see cref="PublicKey"/> promises only its shape. False for what is no
    /// point of its curve, for RSA keys outside <see cref="PrivateKey.MinRsaBits"/> to <see cref="PrivateKey.MaxRsaBits"/>, for curves
    /// other than P-256, P-384 and P-521, for keys in another than their canonical form, and for algorithms that the platform lacks.
    /// An Ed25519 key is taken for a point, as go does.
    /// </summary>
    public static bool CanVerifyWith(PublicKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Span<byte> compressed = stackalloc byte[CryptoEngine.Secp256k1PublicKeySize];

        return key.Type switch
        {
            KeyType.Ed25519 => true,
            KeyType.Secp256k1 => CryptoEngine.TryParseSecp256k1PublicKey(key.Data.Span, compressed),
            KeyType.Rsa => RsaSignatures.IsUsable(key.Data.Span),
            KeyType.Ecdsa => EcdsaSignatures.IsUsable(key.Data.Span),
            _ => false,
        };
    }
}
