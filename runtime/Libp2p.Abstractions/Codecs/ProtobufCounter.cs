using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Libp2p.Codecs;

/// <summary>
/// Walks over the wire format of a protobuf message and counts what decoding it would make: submessages, elements of repeated
/// fields, unknown fields. Makes nothing itself, and goes no further than to where the bytes that are left cannot hold too many.
/// </summary>
/// <remarks>
/// https://protobuf.dev/programming-guides/encoding: a message is a run of fields, and a field is a tag and a value.
/// <code>
/// tag (varint) = field number &lt;&lt; 3 | wire type       0 varint   1 fixed64   2 length + bytes   3 group … 4 end   5 fixed32
/// </code>
/// What the walk does not reach is the parser's to refuse: malformed bytes, and messages nested deeper than <see cref="MaxDepth"/>.
/// </remarks>
internal ref struct ProtobufCounter
{
    /// <summary>Messages within messages that are followed, as by the parser of Google.Protobuf.</summary>
    public const int MaxDepth = 100;

    private const ulong TopBits = 0x8080_8080_8080_8080;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _maxElements;
    private readonly int _elementLength;
    private long _settledAt; // from here on the bytes that are left cannot hold more elements than may still come

    private ProtobufCounter(ReadOnlySpan<byte> bytes, int maxElements, int elementLength)
    {
        _bytes = bytes;
        _maxElements = maxElements;
        _elementLength = elementLength;
        _settledAt = bytes.Length - ((long)maxElements * elementLength);
    }

    /// <summary>Checks a whole message.</summary>
    /// <exception cref="ProtocolViolationException">It has too many elements, or is found malformed or nested too deeply before that is known.</exception>
    public static void Check(ReadOnlySequence<byte> source, ProtobufShape shape, int maxElements)
    {
        if (source.Length <= (long)maxElements * shape.MinElementLength)
        {
            return;
        }

        if (source.IsSingleSegment)
        {
            Check(source.FirstSpan, shape, maxElements);
            return;
        }

        // One copy costs less than a walk that minds the segments; long frames come in one piece anyway.
        int length = checked((int)source.Length);
        byte[] whole = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            source.CopyTo(whole);
            Check(whole.AsSpan(0, length), shape, maxElements);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    private static void Check(ReadOnlySpan<byte> bytes, ProtobufShape shape, int maxElements) =>
        new ProtobufCounter(bytes, maxElements, shape.MinElementLength).Walk(shape, 0, bytes.Length, depth: 0);

    /// <summary>Walks over the fields of a message; those with a tag of one byte, as the schema has them, are most and take the short way.</summary>
    /// <returns>Its end, or wherever no more need be counted.</returns>
    private int Walk(ProtobufShape shape, int at, int end, int depth)
    {
        if (depth > MaxDepth)
        {
            ThrowTooDeep();
        }

        ReadOnlySpan<byte> message = _bytes[..end];
        ReadOnlySpan<ProtobufStep> steps = shape.Steps;
        while (at < message.Length && at < _settledAt)
        {
            int tag = message[at];
            switch (tag < steps.Length ? steps[tag] : ProtobufStep.Any)
            {
                case ProtobufStep.Number:
                    ReadVarint(message, at + 1, out at);
                    break;
                case ProtobufStep.Bytes:
                    at = SkipBytes(message, at + 1);
                    break;
                case ProtobufStep.EachBytes:
                    Count(1);
                    at = SkipBytes(message, at + 1);
                    break;
                case ProtobufStep.Message:
                    Count(1);
                    int length = ReadLength(message, at + 1, out at);
                    at = Walk(shape.Message(tag), at, at + length, depth + 1);
                    break;
                default:
                    at = WalkField(shape, ReadTag(message, at, out at), at, end, depth);
                    break;
            }
        }

        return at;
    }

    /// <summary>Walks over the fields of a group, up to its end tag.</summary>
    private int WalkGroup(ProtobufShape shape, int group, int at, int end, int depth)
    {
        if (depth > MaxDepth)
        {
            ThrowTooDeep();
        }

        ReadOnlySpan<byte> message = _bytes[..end];
        while (at < _settledAt)
        {
            uint tag = ReadTag(message, at, out at);
            if (tag == ((uint)group << 3 | (uint)WireType.EndGroup))
            {
                return at;
            }

            at = WalkField(shape, tag, at, end, depth);
        }

        return _bytes.Length;
    }

    /// <summary>Counts and skips the value of any field.</summary>
    private int WalkField(ProtobufShape shape, uint tag, int at, int end, int depth)
    {
        int number = (int)(tag >> 3);
        WireType wireType = (WireType)(tag & 7);
        ProtobufField field = shape.Field(number);
        bool isPacked = field.Kind == ProtobufFieldKind.Numbers && wireType == WireType.Bytes;
        if (field.WireType != wireType && !isPacked)
        {
            field = default; // not as the schema has it: kept as an unknown field
        }

        if (field.Kind != ProtobufFieldKind.Single && !isPacked)
        {
            Count(1);
        }

        ReadOnlySpan<byte> message = _bytes[..end];
        switch (wireType)
        {
            case WireType.Varint:
                ReadVarint(message, at, out at);
                return at;
            case WireType.Fixed64:
                return Skip(sizeof(ulong), at, end);
            case WireType.Fixed32:
                return Skip(sizeof(uint), at, end);
            case WireType.StartGroup:
                return WalkGroup(field.Message ?? ProtobufShape.Unknown, number, at, end, depth + 1);
            case WireType.Bytes:
                int length = ReadLength(message, at, out at);
                if (field.Kind == ProtobufFieldKind.Message)
                {
                    return Walk(field.Message!, at, at + length, depth + 1);
                }

                if (isPacked)
                {
                    Count(CountNumbers(field.WireType, message.Slice(at, length)));
                }

                return at + length;
            default:
                ThrowMalformed();
                return at;
        }
    }

    private static int CountNumbers(WireType wireType, ReadOnlySpan<byte> packed) => wireType switch
    {
        WireType.Fixed32 => packed.Length / sizeof(uint),
        WireType.Fixed64 => packed.Length / sizeof(ulong),
        _ => CountVarints(packed),
    };

    /// <summary>A varint ends with each byte whose top bit is clear.</summary>
    private static int CountVarints(ReadOnlySpan<byte> bytes)
    {
        int count = bytes.Length;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            count -= BitOperations.PopCount(BinaryPrimitives.ReadUInt64LittleEndian(bytes) & TopBits);
        }

        foreach (byte next in bytes)
        {
            count -= next >> 7;
        }

        return count;
    }

    private void Count(int elements)
    {
        _settledAt += (long)elements * _elementLength;
        if (_settledAt > _bytes.Length)
        {
            ThrowTooMany();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SkipBytes(ReadOnlySpan<byte> message, int at) => ReadLength(message, at, out int start) + start;

    private static int Skip(int bytes, int at, int end)
    {
        if (end - at < bytes)
        {
            ThrowMalformed();
        }

        return at + bytes;
    }

    private static uint ReadTag(ReadOnlySpan<byte> message, int at, out int next)
    {
        uint tag = (uint)ReadVarint(message, at, out next);
        if (tag >> 3 == 0)
        {
            ThrowMalformed();
        }

        return tag;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ReadLength(ReadOnlySpan<byte> message, int at, out int next)
    {
        ulong length = ReadVarint(message, at, out next);
        if (length > (ulong)(message.Length - next))
        {
            ThrowMalformed();
        }

        return (int)length;
    }

    /// <summary>Most tags, lengths and numbers are one byte or two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ReadVarint(ReadOnlySpan<byte> message, int at, out int next)
    {
        if ((uint)at < (uint)message.Length)
        {
            uint first = message[at];
            if (first < 0x80)
            {
                next = at + 1;
                return first;
            }

            if ((uint)(at + 1) < (uint)message.Length && message[at + 1] < 0x80)
            {
                next = at + 2;
                return ((uint)message[at + 1] << 7) | (first & 0x7f);
            }
        }

        ulong value = ReadLongVarint(message, at, out int after);
        next = after;
        return value;
    }

    private static ulong ReadLongVarint(ReadOnlySpan<byte> message, int at, out int next)
    {
        ulong value = 0;
        for (int shift = 0; shift < 70 && at < message.Length; shift += 7)
        {
            byte group = message[at++];
            value |= (ulong)(group & 0x7f) << shift;
            if (group < 0x80)
            {
                next = at;
                return value;
            }
        }

        ThrowMalformed();
        next = at;
        return 0;
    }

    [DoesNotReturn]
    private readonly void ThrowTooMany() => Throw($"A protobuf message of more than {_maxElements} elements");

    [DoesNotReturn]
    private static void ThrowTooDeep() => Throw($"A protobuf message with more than {MaxDepth} messages within each other");

    [DoesNotReturn]
    private static void ThrowMalformed() => Throw("A malformed protobuf message");

    [DoesNotReturn]
    private static void Throw(string message) => throw new ProtocolViolationException(message);
}
