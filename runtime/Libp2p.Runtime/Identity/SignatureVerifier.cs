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
}
