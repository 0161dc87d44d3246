namespace Libp2p;

/// <summary>Verifies signatures of any peer's identity key. Thread-safe. Total: hostile keys and signatures give false, never an exception.</summary>
public interface ISignatureVerifier
{
    /// <summary>Whether the signature over the message is the key's.</summary>
    /// <param name="key">The key of the claimed signer.</param>
    /// <param name="message">What was signed, domain prefix included; lent until the task completes.</param>
    /// <param name="signature">The signature; lent until the task completes.</param>
    /// <param name="cancellationToken">Gives up waiting; verification itself is bounded.</param>
    ValueTask<bool> VerifyAsync(
        PublicKey key, ReadOnlyMemory<byte> message, ReadOnlyMemory<byte> signature, CancellationToken cancellationToken);
}
