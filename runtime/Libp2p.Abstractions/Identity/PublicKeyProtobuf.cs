using System.Diagnostics.CodeAnalysis;
using Libp2p.Multiformats;

namespace Libp2p;

/// <summary>
/// Reader and writer of the <c>PublicKey</c> message
/// (https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md#keys).
/// <code>
/// 08 | type (varint) | 12 | length (varint) | data
/// </code>
/// Written exactly so, both fields present even when the type is 0, because the peer id is a digest of these bytes. Read as protobuf
/// demands: fields in any order, the last of a kind wins, unknown fields are passed over.
/// </summary>
internal static class PublicKeyProtobuf
{
    private const int TypeField = 1;
    private const int DataField = 2;
    private const int VarintWire = 0;
    private const int Fixed64Wire = 1;
    private const int LengthWire = 2;
    private const int Fixed32Wire = 5;
    private const string CutShort = "the message ends inside a field";

    /// <summary>Writes the message and tells where the data begins in it.</summary>
    public static byte[] Write(KeyType type, ReadOnlySpan<byte> data, out int dataStart)
    {
        dataStart = 3 + Varint.GetLength((ulong)data.Length);
        byte[] message = new byte[dataStart + data.Length];
        message[0] = (TypeField << 3) | VarintWire;
        message[1] = (byte)type;
        message[2] = (DataField << 3) | LengthWire;
        Varint.Write(message.AsSpan(3), (ulong)data.Length);
        data.CopyTo(message.AsSpan(dataStart));
        return message;
    }

    /// <summary>Finds type and data in a message. Neither is checked yet.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> message,
        out ulong type,
        out ReadOnlySpan<byte> data,
        [NotNullWhen(false)] out string? reason,
        out int position)
    {
        bool hasType = false;
        bool hasData = false;
        type = 0;
        data = default;

        for (position = 0; position < message.Length;)
        {
            if (!TryReadVarint(message, ref position, out ulong tag) || tag >> 3 == 0 || tag > uint.MaxValue)
            {
                reason = "a field has no valid tag";
                return false;
            }

            int start = position;

            if (!TryReadField(message, ref position, (int)(tag & 7), out ulong number, out ReadOnlySpan<byte> bytes))
            {
                reason = CutShort;
                return false;
            }

            if ((tag >> 3 == TypeField && (tag & 7) != VarintWire) || (tag >> 3 == DataField && (tag & 7) != LengthWire))
            {
                position = start;
                reason = "a field has the wrong wire type";
                return false;
            }

            if (tag >> 3 == TypeField)
            {
                (type, hasType) = (number, true);
            }
            else if (tag >> 3 == DataField)
            {
                data = bytes;
                hasData = true;
            }
        }

        reason = hasType && hasData ? null : "a required field is missing";
        return reason is null;
    }

    private static bool TryReadField(
        ReadOnlySpan<byte> message,
        scoped ref int position,
        int wire,
        out ulong number,
        out ReadOnlySpan<byte> bytes)
    {
        number = 0;
        bytes = default;
        ulong length = wire switch { Fixed64Wire => 8, Fixed32Wire => 4, _ => 0 };

        switch (wire)
        {
            case VarintWire:
                return TryReadVarint(message, ref position, out number);
            case LengthWire when !TryReadVarint(message, ref position, out length):
                return false;
            case LengthWire or Fixed64Wire or Fixed32Wire when length <= (ulong)(message.Length - position):
                bytes = message.Slice(position, (int)length);
                position += (int)length;
                return true;
            default:
                return false; // groups, which no key ever held, or a length past the end
        }
    }

    /// <summary>Protobuf's varint: up to ten bytes, padding allowed.</summary>
    private static bool TryReadVarint(ReadOnlySpan<byte> message, scoped ref int position, out ulong value)
    {
        value = 0;

        for (int shift = 0; shift < 70 && position < message.Length; shift += 7)
        {
            byte group = message[position++];
            value |= (ulong)(group & 0x7F) << shift;

            if (group < 0x80)
            {
                return shift < 63 || group <= 1;
            }
        }

        return false;
    }
}
