using System.Buffers;
using Libp2p.Multiformats;

namespace Libp2p.Protobuf;

/// <summary>Appends fields of a protobuf message: the counterpart of <see cref="ProtobufFieldReader"/>.</summary>
internal static class ProtobufFieldWriter
{
    /// <summary>Appends bytes, a string or a message.</summary>
    public static void WriteField(this IBufferWriter<byte> output, int field, ReadOnlySpan<byte> value)
    {
        Varint.Write(output, Tag(field, ProtobufWire.LengthDelimited));
        Varint.Write(output, (ulong)value.Length);
        output.Write(value);
    }

    /// <summary>Appends a number; also when it is 0, because a reader of proto2 wants to see it.</summary>
    public static void WriteField(this IBufferWriter<byte> output, int field, ulong value)
    {
        Varint.Write(output, Tag(field, ProtobufWire.Varint));
        Varint.Write(output, value);
    }

    private static ulong Tag(int field, ProtobufWire wire) => ((ulong)field << 3) | (ulong)wire;
}
