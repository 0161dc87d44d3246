using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Libp2p.Multiformats;
using Libp2p.Protobuf;

namespace Libp2p;

/// <summary>
/// Reader and writer of the <c>Envelope</c> message.
/// <code>
/// 0a | length | PublicKey | 12 | length | payload type | 1a | length | payload | 2a | length | signature
/// </code>
/// </summary>
internal static class SignedEnvelopeProtobuf
{
    private const int KeyField = 1;
    private const int TypeField = 2;
    private const int PayloadField = 3;
    private const int SignatureField = 5; // 4 was taken once

    /// <summary>Writes the message into a new array. What is empty is left out, as all implementations do.</summary>
    public static byte[] Write(SignedEnvelope envelope)
    {
        ReadOnlySpan<byte> key = envelope.PublicKey.ToProtobuf().Span;
        ArrayBufferWriter<byte> output = new(
            GetLength(key.Length, envelope.PayloadType.Length, envelope.Payload.Length, envelope.Signature.Length));
        output.WriteField(KeyField, key);
        WriteUnlessEmpty(output, TypeField, envelope.PayloadType.Span);
        WriteUnlessEmpty(output, PayloadField, envelope.Payload.Span);
        WriteUnlessEmpty(output, SignatureField, envelope.Signature.Span);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The most bytes a message takes whose parts have these lengths.</summary>
    public static int GetLength(int key, int payloadType, int payload, int signature) =>
        ProtobufFieldWriter.GetFieldLength(KeyField, key)
        + ProtobufFieldWriter.GetFieldLength(TypeField, payloadType)
        + ProtobufFieldWriter.GetFieldLength(PayloadField, payload)
        + ProtobufFieldWriter.GetFieldLength(SignatureField, signature);

    /// <summary>Takes a message apart in place, and checks every limit.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> message,
        [NotNullWhen(true)] out PublicKey? key,
        out ReadOnlySpan<byte> payloadType,
        out ReadOnlySpan<byte> payload,
        out ReadOnlySpan<byte> signature,
        out MultiformatError error)
    {
        key = null;
        payloadType = payload = signature = default;

        if (message.Length > SignedEnvelope.MaxLength)
        {
            error = new MultiformatError(SignedEnvelope.MaxLength, "longer than 1 MiB");
            return false;
        }

        ProtobufFieldReader fields = new(message);

        while (fields.Read())
        {
            if (fields.Is(KeyField))
            {
                if (!TryReadKey(fields, ref key, out error))
                {
                    return false;
                }
            }
            else if (fields.Is(TypeField))
            {
                payloadType = fields.Bytes;
            }
            else if (fields.Is(PayloadField))
            {
                payload = fields.Bytes;
            }
            else if (fields.Is(SignatureField))
            {
                signature = fields.Bytes;
            }
        }

        string? reason = fields.IsMalformed ? "no protobuf message"
            : key is null ? "the key is missing"
            : signature.IsEmpty ? "the signature is missing"
            : signature.Length > SignedEnvelope.MaxSignatureLength ? "the signature is longer than 1024 bytes"
            : payloadType.Length > SignedEnvelope.MaxPayloadTypeLength ? "the payload type is longer than 256 bytes"
            : null;
        error = reason is null ? default : new MultiformatError(fields.Position, reason);
        return reason is null;
    }

    /// <summary>
    /// Of two keys in one envelope go makes a third, rust and js take the last: who signed must not depend on who reads. The same key
    /// twice is the same to all of them.
    /// </summary>
    private static bool TryReadKey(ProtobufFieldReader fields, [NotNullWhen(true)] ref PublicKey? key, out MultiformatError error)
    {
        PublicKey? earlier = key;
        if (!PublicKey.TryFromProtobuf(fields.Bytes, out key, out error))
        {
            error = error with { Position = error.Position + fields.Position };
            return false;
        }

        if (earlier is null || earlier == key)
        {
            return true;
        }

        error = new MultiformatError(fields.Position, "there are two keys that differ");
        return false;
    }

    private static void WriteUnlessEmpty(ArrayBufferWriter<byte> output, int field, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
        {
            output.WriteField(field, value);
        }
    }
}
