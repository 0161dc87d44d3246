using System.Diagnostics.CodeAnalysis;
using Libp2p.Multiformats;

namespace Libp2p;

/// <summary>
/// A payload under the signature of a peer, good for whoever gets hold of it
/// (https://github.com/libp2p/specs/blob/master/RFC/0002-signed-envelopes.md). Immutable; equal when key, type, payload and signature
/// are.
/// <code>
/// message Envelope { PublicKey public_key = 1; bytes payload_type = 2; bytes payload = 3; bytes signature = 5; }
/// </code>
/// <para>
/// Parsing proves nothing: only <see cref="OpenAsync"/> and <see cref="VerifyAsync"/> tell whether the key signed. The payload is kept
/// byte for byte, because the signature covers its bytes and not its meaning.
/// </para>
/// </summary>
public sealed partial class SignedEnvelope : IEquatable<SignedEnvelope>
{
    /// <summary>The longest envelope, in bytes.</summary>
    public const int MaxLength = 1024 * 1024;

    /// <summary>The longest payload type, in bytes.</summary>
    public const int MaxPayloadTypeLength = 256;

    /// <summary>The longest signature, in bytes: that of an RSA key of 8192 bits.</summary>
    public const int MaxSignatureLength = 1024;

    private const string FormatName = "signed envelope";

    private SignedEnvelope(
        PublicKey publicKey, ReadOnlyMemory<byte> payloadType, ReadOnlyMemory<byte> payload, ReadOnlyMemory<byte> signature)
    {
        PublicKey = publicKey;
        PayloadType = payloadType;
        Payload = payload;
        Signature = signature;
    }

    /// <summary>The key that is claimed to have signed.</summary>
    public PublicKey PublicKey { get; }

    /// <summary>What the payload is: often a multicodec, as its table writes it. May be empty.</summary>
    public ReadOnlyMemory<byte> PayloadType { get; }

    /// <summary>The payload, as it was signed. May be empty.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>The signature.</summary>
    public ReadOnlyMemory<byte> Signature { get; }

    /// <summary>Compares key, payload type, payload and signature.</summary>
    public static bool operator ==(SignedEnvelope? left, SignedEnvelope? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Compares key, payload type, payload and signature.</summary>
    public static bool operator !=(SignedEnvelope? left, SignedEnvelope? right) => !(left == right);

    /// <summary>Reads an envelope, whose parts are copied. The signature is not verified.</summary>
    /// <exception cref="MultiformatException">It is malformed or exceeds a limit, or key or signature are missing.</exception>
    public static SignedEnvelope Parse(ReadOnlySpan<byte> message)
    {
        if (!TryParse(message, out SignedEnvelope? envelope, out MultiformatError error))
        {
            MultiformatException.Throw(FormatName, error);
        }

        return envelope;
    }

    /// <summary>As <see cref="Parse"/>, without throwing.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, [NotNullWhen(true)] out SignedEnvelope? envelope) =>
        TryParse(message, out envelope, out _);

    /// <summary>As <see cref="Parse"/>, without throwing; says why not.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, [NotNullWhen(true)] out SignedEnvelope? envelope, out MultiformatError error)
    {
        envelope = SignedEnvelopeProtobuf.TryRead(
            message,
            out PublicKey? key,
            out ReadOnlySpan<byte> payloadType,
            out ReadOnlySpan<byte> payload,
            out ReadOnlySpan<byte> signature,
            out error)
            ? new SignedEnvelope(key, payloadType.ToArray(), payload.ToArray(), signature.ToArray())
            : null;
        return envelope is not null;
    }

    /// <summary>The envelope as on the wire, in a new array: without what was unknown to us, the payload untouched.</summary>
    public byte[] ToBytes() => SignedEnvelopeProtobuf.Write(this);

    /// <inheritdoc/>
    public bool Equals([NotNullWhen(true)] SignedEnvelope? other) => ReferenceEquals(this, other)
        || (other is not null
            && PublicKey == other.PublicKey
            && PayloadType.Span.SequenceEqual(other.PayloadType.Span)
            && Signature.Span.SequenceEqual(other.Signature.Span)
            && Payload.Span.SequenceEqual(other.Payload.Span));

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as SignedEnvelope);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Signature.Span); // it covers the rest
        return hash.ToHashCode();
    }

    /// <summary>Claimed signer, payload type and size, for people.</summary>
    public override string ToString() =>
        $"envelope of {PublicKey.PeerId}, type {Convert.ToHexStringLower(PayloadType.Span)}, {Payload.Length} bytes";
}
