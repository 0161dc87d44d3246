using System.Security.Cryptography;
using System.Text;

namespace Libp2p.Tests.Identity;

/// <summary>
/// Signs and verifies with a digest of key and message, where a test is about what is signed and not about cryptography.
/// </summary>
internal sealed class StandInSigner(PublicKey key) : IIdentitySigner, ISignatureVerifier
{
    public static readonly StandInSigner Alice = new(new PublicKey(KeyType.Ed25519, SHA256.HashData("alice"u8)));

    public static readonly StandInSigner Bob = new(new PublicKey(KeyType.Ed25519, SHA256.HashData("bob"u8)));

    public PublicKey PublicKey { get; } = key;

    /// <summary>The last message that was signed or verified.</summary>
    public byte[] LastMessage { get; private set; } = [];

    public string LastMessageText => Encoding.Latin1.GetString(LastMessage);

    public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        LastMessage = message.ToArray();
        return new ValueTask<byte[]>(Sign(PublicKey, message.Span));
    }

    public ValueTask<bool> VerifyAsync(
        PublicKey key, ReadOnlyMemory<byte> message, ReadOnlyMemory<byte> signature, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        LastMessage = message.ToArray();
        return new ValueTask<bool>(Sign(key, message.Span).AsSpan().SequenceEqual(signature.Span));
    }

    private static byte[] Sign(PublicKey key, ReadOnlySpan<byte> message) => SHA256.HashData([.. key.Data.Span, .. message]);
}
