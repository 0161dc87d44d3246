namespace Libp2p;

/// <summary>Signs with a private key in memory. Thread-safe.</summary>
/// <param name="key">Owned: wiped when the signer is disposed of.</param>
public sealed class KeyPairSigner(PrivateKey key) : IIdentitySigner, IDisposable
{
    /// <inheritdoc/>
    public PublicKey PublicKey => key.PublicKey;

    /// <inheritdoc/>
    public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<byte[]>(key.Sign(message.Span));
    }

    /// <summary>Wipes the key. Idempotent; not while it signs.</summary>
    public void Dispose() => key.Dispose();

    /// <summary>Algorithm and peer id, for people.</summary>
    public override string ToString() => key.ToString();
}
