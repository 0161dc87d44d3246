namespace Libp2p;

/// <summary>
/// Signs with a node's identity key. Asynchronous, because the key may live in a key vault or behind a browser's crypto API.
/// Thread-safe. The private key never leaves it and is in none of its texts.
/// </summary>
public interface IIdentitySigner
{
    /// <summary>The public half.</summary>
    PublicKey PublicKey { get; }

    /// <summary>The signature over the message as the key's type prescribes it (libp2p peer-ids spec): see <see cref="KeyType"/>.</summary>
    /// <param name="message">What is signed, domain prefix included; lent until the task completes.</param>
    /// <param name="cancellationToken">Gives up waiting for a remote signer.</param>
    /// <returns>A signature that the caller owns.</returns>
    ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken);
}
