using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Libp2p.Codecs;

/// <summary>
/// Walks over the wire format of a protobuf message and counts what decoding it would make: submessages, elements of repeated
/// fields, unknown fields. Makes nothing itself.
/// </summary>
/// <remarks>
/// https://protobuf.dev/programming-guides/encoding: a message is a run of fields, and a field is a tag and a value.
/// <code>
/// tag (varint) = field number &lt;&lt; 3 | wire type       0 varint   1 fixed64   2 length + bytes   3 group … 4 end   5 fixed32
/// </code>
/// </remarks>
internal ref struct ProtobufCounter
{
    /// <summary>Messages within messages that are followed.</summary>
    public const int MaxDepth = 32;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _maxElements;
    private readonly int _maxDepth;
    private int _at;
    private long _elements;

    private ProtobufCounter(ReadOnlySpan<byte> bytes, int maxElements, int maxDepth)
    {
        _bytes = bytes;
        _maxElements = maxElements;
        _maxDepth = maxDepth;
    }

    /// <summary>Checks a whole message.</summary>
    /// <exception cref="ProtocolViolationException">It has too many elements, is nested too deeply, or is malformed.</exception>
    public static void Check(ReadOnlySequence<byte> source, ProtobufShape shape, int maxElements, int maxDepth)
    {
        if (source.IsSingleSegment)
        {
            Check(source.FirstSpan, shape, maxElements, maxDepth);
            return;
        }

        // One copy costs less than a walk that minds the segments; long frames come in one piece anyway.
        int length = checked((int)source.Length);
        byte[] whole = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            source.CopyTo(whole);
            Check(whole.AsSpan(0, length), shape, maxElements, maxDepth);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    private static void Check(ReadOnlySpan<byte> bytes, ProtobufShape shape, int maxElements, int maxDepth)
    {
        ProtobufCounter counter = new(bytes, maxElements, maxDepth);
        counter.Walk(shape, bytes.Length, group: 0, depth: 0);
    }

    /// <summary>Walks over the fields up to an end, or up to the end tag of a group.</summary>
    private void Walk(ProtobufShape shape, int end, int group, int depth)
    {
        if (depth > _maxDepth)
        {
            Throw($"A protobuf message with more than {_maxDepth} messages within each other");
        }

        while (_at < end)
        {
            uint tag = (uint)ReadVarint(end);
            int number = (int)(tag >> 3);
            WireType wireType = (WireType)(tag & 7);
            if (wireType == WireType.EndGroup && number == group && group != 0)
            {
                return;
            }

            if (number == 0)
            {
                ThrowMalformed();
            }

            ReadValue(shape.Field(number), number, wireType, end, depth);
        }

        if (group != 0)
        {
            ThrowMalformed();
        }
    }

    private void ReadValue(ProtobufField field, int number, WireType wireType, int end, int depth)
    {
        bool isNumbers = field.Kind == ProtobufFieldKind.Numbers && wireType == WireType.Bytes;
        if (field.WireType != wireType && !isNumbers)
        {
            field = default; // not as the schema has it: kept as an unknown field
        }

        if (field.Kind != ProtobufFieldKind.Single && !isNumbers)
        {
            Count(1);
        }

        switch (wireType)
        {
            case WireType.Varint:
                ReadVarint(end);
                break;
            case WireType.Fixed64:
                Skip(sizeof(ulong), end);
                break;
            case WireType.Fixed32:
                Skip(sizeof(uint), end);
                break;
            case WireType.StartGroup:
                Walk(field.Message ?? ProtobufShape.Unknown, end, number, depth + 1);
                break;
            case WireType.Bytes:
                ReadBytes(field, ReadLength(end), depth);
                break;
            default:
                ThrowMalformed();
                break;
        }
    }

    private void ReadBytes(ProtobufField field, int length, int depth)
    {
        switch (field.Kind)
        {
            case ProtobufFieldKind.Message:
                Walk(field.Message!, _at + length, group: 0, depth + 1);
                return;
            case ProtobufFieldKind.Numbers:
                Count(field.WireType switch
                {
                    WireType.Fixed32 => length / sizeof(uint),
                    WireType.Fixed64 => length / sizeof(ulong),
                    _ => CountVarints(_bytes.Slice(_at, length)),
                });
                break;
        }

        _at += length;
    }

    /// <summary>A varint ends with each byte whose top bit is clear.</summary>
    private static int CountVarints(ReadOnlySpan<byte> bytes)
    {
        int count = 0;
        foreach (byte next in bytes)
        {
            count += next < 0x80 ? 1 : 0;
        }

        return count;
    }

    private void Count(int elements)
    {
        _elements += elements;
        if (_elements > _maxElements)
        {
            Throw($"A protobuf message of more than {_maxElements} elements");
        }
    }

    private void Skip(int bytes, int end)
    {
        if (end - _at < bytes)
        {
            ThrowMalformed();
        }

        _at += bytes;
    }

    private int ReadLength(int end)
    {
        ulong length = ReadVarint(end);
        if (length > (ulong)(end - _at))
        {
            ThrowMalformed();
        }

        return (int)length;
    }

    /// <summary>Most tags, lengths and numbers are one byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong ReadVarint(int end)
    {
        int at = _at;
        if (at < end && _bytes[at] < 0x80)
        {
            _at = at + 1;
            return _bytes[at];
        }

        return ReadLongVarint(end);
    }

    private ulong ReadLongVarint(int end)
    {
        ulong value = 0;
        for (int shift = 0; shift < 70 && _at < end; shift += 7)
        {
            byte next = _bytes[_at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        ThrowMalformed();
        return 0;
    }

    [DoesNotReturn]
    private static void ThrowMalformed() => Throw("A malformed protobuf message");

    [DoesNotReturn]
    private static void Throw(string message) => throw new ProtocolViolationException(message);
}
