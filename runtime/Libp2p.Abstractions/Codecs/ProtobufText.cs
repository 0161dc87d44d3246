using System.Buffers;
using System.Text.Unicode;
using Libp2p.Protobuf;

namespace Libp2p.Codecs;

/// <summary>
/// Takes text that is not UTF-8 out of a protobuf message before the parser sees it. Peers fill <c>string</c> fields with any bytes; some
/// parsers refuse the whole message for them, others replace the bytes and so make different values equal. Here a bad text costs itself:
/// a singular field is absent, an element of a repeated one is missing, an entry of a map is dropped.
/// </summary>
/// <remarks>Messages whose types have no text are not walked over. Malformed ones are left to the parser, which refuses them.</remarks>
internal static class ProtobufText
{
    /// <summary>The message without its bad text: the source itself where all text is UTF-8.</summary>
    public static ReadOnlySequence<byte> Clean(ReadOnlySequence<byte> source, ProtobufShape shape)
    {
        if (source.IsEmpty || !shape.HasText)
        {
            return source;
        }

        ReadOnlySpan<byte> message = source.IsSingleSegment ? source.FirstSpan : source.ToArray();
        if (IsClean(message, shape, depth: 0))
        {
            return source;
        }

        ArrayBufferWriter<byte> output = new(message.Length);
        Write(message, shape, output, depth: 0);
        return new ReadOnlySequence<byte>(output.WrittenMemory);
    }

    private static bool IsClean(ReadOnlySpan<byte> message, ProtobufShape shape, int depth)
    {
        ProtobufFieldReader reader = new(message);
        while (reader.Read())
        {
            if (reader.Wire != ProtobufWire.LengthDelimited)
            {
                continue;
            }

            ProtobufField field = shape.Field(reader.Field);
            if (field.IsText ? !Utf8.IsValid(reader.Bytes) : HoldsText(field, depth) && !IsClean(reader.Bytes, field.Message!, depth + 1))
            {
                return false;
            }
        }

        return true;
    }

    private static void Write(ReadOnlySpan<byte> message, ProtobufShape shape, ArrayBufferWriter<byte> output, int depth)
    {
        ProtobufFieldReader reader = new(message);
        while (reader.Read())
        {
            ProtobufField field = reader.Wire == ProtobufWire.LengthDelimited ? shape.Field(reader.Field) : default;
            if (HoldsText(field, depth))
            {
                WriteMessage(reader.Field, reader.Bytes, field.Message!, output, depth + 1);
            }
            else if (!field.IsText || Utf8.IsValid(reader.Bytes))
            {
                output.Write(message[reader.Start..reader.End]);
            }
        }

        if (reader.IsMalformed)
        {
            output.Write(message[reader.Start..]); // refused by the parser, as it would have been
        }
    }

    private static void WriteMessage(int field, ReadOnlySpan<byte> message, ProtobufShape shape, ArrayBufferWriter<byte> output, int depth)
    {
        if (shape.IsMapEntry && !IsClean(message, shape, depth))
        {
            return;
        }

        ArrayBufferWriter<byte> inner = new(Math.Max(1, message.Length));
        Write(message, shape, inner, depth);
        output.WriteField(field, inner.WrittenSpan);
    }

    // Deeper ones are refused by the parser.
    private static bool HoldsText(ProtobufField field, int depth) =>
        field is { Kind: ProtobufFieldKind.Message, WireType: WireType.Bytes, Message.HasText: true } && depth < ProtobufCounter.MaxDepth;
}
