using System.Text;
using Libp2p.Multiformats;

namespace Libp2p;

/// <content>
/// What is signed. The domain is on no wire: signer and reader know it, and what was signed for one purpose is nothing for another.
/// <code>
/// varint length | domain | varint length | payload type | varint length | payload
/// </code>
/// </content>
public sealed partial class SignedEnvelope
{
    /// <summary>The longest domain, in bytes of UTF-8.</summary>
    public const int MaxDomainLength = 256;

    /// <summary>Signs a payload.</summary>
    /// <param name="signer">Signs as the peer it stands for.</param>
    /// <param name="domain">What the signature is good for.</param>
    /// <param name="payloadType">What the payload is; copied.</param>
    /// <param name="payload">What is signed; copied.</param>
    /// <param name="cancellationToken">Gives up waiting for a remote signer.</param>
    /// <exception cref="ArgumentException">Domain or payload type are empty, or a limit is exceeded.</exception>
    public static async ValueTask<SignedEnvelope> SealAsync(
        IIdentitySigner signer,
        string domain,
        ReadOnlyMemory<byte> payloadType,
        ReadOnlyMemory<byte> payload,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(signer);
        PublicKey key = signer.PublicKey;

        if (payloadType.Length is 0 or > MaxPayloadTypeLength)
        {
            throw new ArgumentException("A payload type has 1 to 256 bytes.", nameof(payloadType));
        }

        if (payload.Length > MaxLength
            || SignedEnvelopeProtobuf.GetLength(key.ToProtobuf().Length, payloadType.Length, payload.Length, MaxSignatureLength) > MaxLength)
        {
            throw new ArgumentException("With this payload the envelope is longer than 1 MiB.", nameof(payload));
        }

        byte[] signature = await signer.SignAsync(WriteSigned(domain, payloadType.Span, payload.Span), cancellationToken);
        return new SignedEnvelope(key, payloadType.ToArray(), payload.ToArray(), signature);
    }

    /// <summary>Reads an envelope and verifies its signature.</summary>
    /// <param name="message">The envelope; lent until the task completes.</param>
    /// <param name="domain">What the signature must be good for.</param>
    /// <param name="verifier">Judges the signature.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The envelope. What it says is said by the owner of its key; who that may be, and which payload type is wanted, the caller checks.</returns>
    /// <exception cref="MultiformatException">The message is no envelope, or the signature is not the key's in this domain.</exception>
    /// <exception cref="ArgumentException">The domain is empty or too long.</exception>
    public static async ValueTask<SignedEnvelope> OpenAsync(
        ReadOnlyMemory<byte> message, string domain, ISignatureVerifier verifier, CancellationToken cancellationToken = default)
    {
        SignedEnvelope envelope = Parse(message.Span);

        if (!await envelope.VerifyAsync(domain, verifier, cancellationToken))
        {
            MultiformatException.Throw(FormatName, NotSigned);
        }

        return envelope;
    }

    /// <summary>Whether <see cref="PublicKey"/> signed type and payload in this domain.</summary>
    /// <exception cref="ArgumentException">The domain is empty or too long.</exception>
    public ValueTask<bool> VerifyAsync(string domain, ISignatureVerifier verifier, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(verifier);
        return verifier.VerifyAsync(PublicKey, WriteSigned(domain, PayloadType.Span, Payload.Span), Signature, cancellationToken);
    }

    internal const string NotSigned = "the signature is not the key's";

    private static byte[] WriteSigned(string domain, ReadOnlySpan<byte> payloadType, ReadOnlySpan<byte> payload)
    {
        ArgumentException.ThrowIfNullOrEmpty(domain);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(domain.Length, MaxDomainLength, nameof(domain));
        byte[] name = Encoding.UTF8.GetBytes(domain);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, MaxDomainLength, nameof(domain));

        byte[] message = new byte[GetPartLength(name) + GetPartLength(payloadType) + GetPartLength(payload)];
        int written = WritePart(message, name);
        written += WritePart(message.AsSpan(written), payloadType);
        WritePart(message.AsSpan(written), payload);
        return message;
    }

    private static int GetPartLength(ReadOnlySpan<byte> part) => Varint.GetLength((ulong)part.Length) + part.Length;

    private static int WritePart(Span<byte> destination, ReadOnlySpan<byte> part)
    {
        int start = Varint.Write(destination, (ulong)part.Length);
        part.CopyTo(destination[start..]);
        return start + part.Length;
    }
}
