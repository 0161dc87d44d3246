using System.Buffers;
using Libp2p.Protobuf;

namespace Libp2p.Security.Noise;

/// <summary>
/// What libp2p sends inside the handshake (https://github.com/libp2p/specs/blob/master/noise/README.md#the-libp2p-handshake-payload).
/// <code>
/// NoiseHandshakePayload { bytes identity_key = 1; bytes identity_sig = 2; NoiseExtensions extensions = 4; }
/// NoiseExtensions       { repeated bytes webtransport_certhashes = 1; repeated string stream_muxers = 2; }
/// </code>
/// </summary>
/// <param name="IdentityKey">The identity key, as a protobuf message.</param>
/// <param name="Signature">Its signature over <see cref="SignaturePrefix"/> and the static key.</param>
/// <param name="Extensions">What else the sender announces.</param>
internal sealed record NoisePayload(ReadOnlyMemory<byte> IdentityKey, ReadOnlyMemory<byte> Signature, SecurityExtensions Extensions)
{
    /// <summary>The longest payload read from a remote, which nobody has authenticated yet. An RSA identity of 8192 bits takes about 2,200.</summary>
    public const int MaxSize = 8192;

    private const int IdentityKeyField = 1;
    private const int SignatureField = 2;
    private const int ExtensionsField = 4;
    private const int CertificateHashField = 1;
    private const int MuxerField = 2;

    /// <summary>What is signed before the static key.</summary>
    public static ReadOnlySpan<byte> SignaturePrefix => "noise-libp2p-static-key:"u8;

    /// <summary>Reads a payload.</summary>
    /// <param name="message">The message; kept by the result.</param>
    /// <returns>The payload, with empty parts where the message has none; null when it is malformed.</returns>
    public static NoisePayload? TryRead(ReadOnlyMemory<byte> message)
    {
        ReadOnlyMemory<byte> key = default;
        ReadOnlyMemory<byte> signature = default;
        ExtensionLists lists = new([], []);
        ProtobufFieldReader reader = new(message.Span);

        while (reader.Read())
        {
            if (reader.Is(IdentityKeyField))
            {
                key = Part(message, reader.Bytes);
            }
            else if (reader.Is(SignatureField))
            {
                signature = Part(message, reader.Bytes);
            }
            else if (reader.Is(ExtensionsField) && !lists.TryRead(message, reader.Bytes))
            {
                return null;
            }
        }

        return reader.IsMalformed ? null : new NoisePayload(key, signature, lists.ToExtensions());
    }

    /// <summary>Writes the payload.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        output.WriteField(IdentityKeyField, IdentityKey.Span);
        output.WriteField(SignatureField, Signature.Span);

        if (Extensions.StreamMuxers.Count == 0 && Extensions.WebTransportCertificateHashes.Count == 0)
        {
            return;
        }

        ArrayBufferWriter<byte> extensions = new();

        foreach (ReadOnlyMemory<byte> hash in Extensions.WebTransportCertificateHashes)
        {
            extensions.WriteField(CertificateHashField, hash.Span);
        }

        foreach (ProtocolId muxer in Extensions.StreamMuxers)
        {
            extensions.WriteField(MuxerField, muxer.Utf8);
        }

        output.WriteField(ExtensionsField, extensions.WrittenSpan);
    }

    /// <summary>What the signature is over.</summary>
    public static byte[] SignedMessage(ReadOnlySpan<byte> staticKey) => [.. SignaturePrefix, .. staticKey];

    private static ReadOnlyMemory<byte> Part(ReadOnlyMemory<byte> message, ReadOnlySpan<byte> part)
    {
        message.Span.Overlaps(part, out int at);
        return part.IsEmpty ? default : message.Slice(at, part.Length);
    }

    private readonly record struct ExtensionLists(List<ReadOnlyMemory<byte>> CertificateHashes, List<ProtocolId> Muxers)
    {
        /// <summary>Reads one message of extensions; several are merged, as protobuf wants it.</summary>
        public bool TryRead(ReadOnlyMemory<byte> payload, ReadOnlySpan<byte> extensions)
        {
            ProtobufFieldReader reader = new(extensions);

            while (reader.Read())
            {
                if (reader.Is(CertificateHashField) && CertificateHashes.Count <= EarlyMuxer.MaxEntries)
                {
                    CertificateHashes.Add(Part(payload, reader.Bytes));
                }
                else if (reader.Is(MuxerField) && Muxers.Count <= EarlyMuxer.MaxEntries && EarlyMuxer.TryRead(reader.Bytes, out ProtocolId? muxer))
                {
                    Muxers.Add(muxer);
                }
            }

            return !reader.IsMalformed;
        }

        public SecurityExtensions ToExtensions() => Muxers.Count == 0 && CertificateHashes.Count == 0
            ? SecurityExtensions.None
            : new SecurityExtensions
            {
                StreamMuxers = Muxers.Count > EarlyMuxer.MaxEntries ? [] : Muxers,
                WebTransportCertificateHashes = CertificateHashes.Count > EarlyMuxer.MaxEntries ? [] : CertificateHashes,
            };
    }
}
