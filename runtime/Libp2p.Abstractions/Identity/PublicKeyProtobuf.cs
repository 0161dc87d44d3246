using System.Diagnostics.CodeAnalysis;
using Libp2p.Multiformats;
using Libp2p.Protobuf;

namespace Libp2p;

/// <summary>
/// Reader and writer of the <c>PublicKey</c> message
/// (https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md#keys).
/// <code>
/// 08 | type (varint) | 12 | length (varint) | data
/// </code>
/// Written exactly so, both fields present even when the type is 0, because the peer id is a digest of these bytes. Read as protobuf
/// demands: fields in any order, the last of a kind wins, the type is cut to 32 bits, unknown fields and groups are passed over.
/// </summary>
internal static class PublicKeyProtobuf
{
    private const int TypeField = 1;
    private const int DataField = 2;

    /// <summary>Writes the message and tells where the data begins in it.</summary>
    public static byte[] Write(KeyType type, ReadOnlySpan<byte> data, out int dataStart)
    {
        dataStart = 3 + Varint.GetLength((ulong)data.Length);
        byte[] message = new byte[dataStart + data.Length];
        message[0] = (TypeField << 3) | (int)ProtobufWire.Varint;
        message[1] = (byte)type;
        message[2] = (DataField << 3) | (int)ProtobufWire.LengthDelimited;
        Varint.Write(message.AsSpan(3), (ulong)data.Length);
        data.CopyTo(message.AsSpan(dataStart));
        return message;
    }

    /// <summary>Finds type and data in a message. Neither is checked yet.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> message,
        out int type,
        out ReadOnlySpan<byte> data,
        [NotNullWhen(false)] out string? reason,
        out int position)
    {
        ProtobufFieldReader fields = new(message);
        bool hasType = false;
        bool hasData = false;
        type = 0;
        data = default;

        while (fields.Read())
        {
            if (fields.IsNumber(TypeField))
            {
                (type, hasType) = (fields.Enum, true);
            }
            else if (fields.Is(DataField))
            {
                data = fields.Bytes;
                hasData = true;
            }
        }

        position = fields.Position;
        reason = fields.IsMalformed ? "no protobuf message" : hasType && hasData ? null : "a required field is missing";
        return reason is null;
    }
}
