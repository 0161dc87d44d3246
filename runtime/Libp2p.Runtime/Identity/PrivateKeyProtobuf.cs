using Libp2p.Multiformats;
using Libp2p.Protobuf;

namespace Libp2p;

/// <summary>
/// The <c>PrivateKey</c> message.
/// <code>
/// 08 | type (varint) | 12 | length (varint) | data
/// </code>
/// Written by hand: a general encoder would leave copies of the secret in its buffers.
/// </summary>
internal static class PrivateKeyProtobuf
{
    private const int TypeField = 1;
    private const int DataField = 2;

    public static bool TryRead(ReadOnlySpan<byte> message, out int type, out ReadOnlySpan<byte> data)
    {
        type = 0;
        data = default;
        bool hasType = false;
        bool hasData = false;

        if (message.Length > PrivateKey.MaxProtobufLength)
        {
            return false;
        }

        ProtobufFieldReader reader = new(message);

        while (reader.Read())
        {
            if (reader.Is(DataField))
            {
                data = reader.Bytes;
                hasData = true;
            }
            else if (reader.IsNumber(TypeField))
            {
                type = reader.Enum;
                hasType = true;
            }
        }

        return hasType && hasData && !reader.IsMalformed;
    }

    public static byte[] Write(KeyType type, ReadOnlySpan<byte> data)
    {
        int dataStart = 3 + Varint.GetLength((ulong)data.Length);
        byte[] message = new byte[dataStart + data.Length];
        message[0] = (TypeField << 3) | (int)ProtobufWire.Varint;
        message[1] = (byte)type;
        message[2] = (DataField << 3) | (int)ProtobufWire.LengthDelimited;
        Varint.Write(message.AsSpan(3), (ulong)data.Length);
        data.CopyTo(message.AsSpan(dataStart));
        return message;
    }
}
