using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Libp2p.Multiformats;
using Libp2p.Protobuf;

namespace Libp2p.Security.Plaintext;

/// <summary>
/// The one message of plaintext (https://github.com/libp2p/specs/blob/master/plaintext/README.md), behind its length as a varint.
/// <code>
/// Exchange { bytes id = 1; PublicKey pubkey = 2; }
/// </code>
/// </summary>
internal static class PlaintextExchange
{
    /// <summary>The longest message read: the longest key, and room for fields unknown to us.</summary>
    public const int MaxSize = PublicKey.MaxProtobufLength + 1024;

    private const int IdField = 1;
    private const int KeyField = 2;

    /// <summary>Writes the message that claims to be the key's owner.</summary>
    public static void Write(IBufferWriter<byte> output, PublicKey key)
    {
        ArrayBufferWriter<byte> message = new();
        message.WriteField(IdField, key.PeerId.Bytes);
        message.WriteField(KeyField, key.ToProtobuf().Span);
        Varint.Write(output, (ulong)message.WrittenCount);
        output.Write(message.WrittenSpan);
    }

    /// <summary>Reads a message, without its length.</summary>
    /// <returns>The key, if the message holds one and the id that belongs to it.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, [NotNullWhen(true)] out PublicKey? key)
    {
        ReadOnlySpan<byte> id = default;
        key = null;
        ProtobufFieldReader reader = new(message);

        while (reader.Read())
        {
            if (reader.Is(IdField))
            {
                id = reader.Bytes;
            }
            else if (reader.Is(KeyField))
            {
                // Repeated messages are merged by some and replaced by others: one key, however often.
                PublicKey? earlier = key;
                if (!PublicKey.TryFromProtobuf(reader.Bytes, out key) || (earlier is not null && earlier != key))
                {
                    key = null;
                    return false;
                }
            }
        }

        if (key is not null && !reader.IsMalformed && id.SequenceEqual(key.PeerId.Bytes))
        {
            return true;
        }

        key = null;
        return false;
    }
}
