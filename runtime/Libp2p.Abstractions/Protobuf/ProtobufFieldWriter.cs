using System.Buffers;
using System.Numerics;

namespace Libp2p.Protobuf;

/// <summary>Appends fields of a protobuf message: the counterpart of <see cref="ProtobufFieldReader"/>.</summary>
internal static class ProtobufFieldWriter
{
    private const int MaxVarintLength = 10;

    /// <summary>Appends bytes, a string or a message.</summary>
    public static void WriteField(this IBufferWriter<byte> output, int field, ReadOnlySpan<byte> value)
    {
        output.WriteFieldStart(field, value.Length);
        output.Write(value);
    }

    /// <summary>Appends tag and length of a field whose value the caller appends next.</summary>
    public static void WriteFieldStart(this IBufferWriter<byte> output, int field, int length)
    {
        WriteVarint(output, Tag(field, ProtobufWire.LengthDelimited));
        WriteVarint(output, (ulong)length);
    }

    /// <summary>Appends a number; also when it is 0, because a reader of proto2 wants to see it.</summary>
    public static void WriteField(this IBufferWriter<byte> output, int field, ulong value)
    {
        WriteVarint(output, Tag(field, ProtobufWire.Varint));
        WriteVarint(output, value);
    }

    /// <summary>How many bytes a field with bytes of this length takes.</summary>
    public static int GetFieldLength(int field, int length) =>
        GetVarintLength(Tag(field, ProtobufWire.LengthDelimited)) + GetVarintLength((ulong)length) + length;

    private static ulong Tag(int field, ProtobufWire wire) => ((ulong)field << 3) | (ulong)wire;

    private static int GetVarintLength(ulong value) => (BitOperations.Log2(value | 1) / 7) + 1;

    /// <summary>Protobuf's varint has 64 bits, one more than that of multiformats.</summary>
    private static void WriteVarint(IBufferWriter<byte> output, ulong value)
    {
        Span<byte> bytes = output.GetSpan(MaxVarintLength);
        int length = 0;

        for (; value >= 0x80; value >>= 7)
        {
            bytes[length++] = (byte)(value | 0x80);
        }

        bytes[length++] = (byte)value;
        output.Advance(length);
    }
}
