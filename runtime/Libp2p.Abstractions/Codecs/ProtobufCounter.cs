using System.Buffers;
using System.Diagnostics.CodeAnalysis;

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
    private readonly int _maxElements;
    private readonly int _maxDepth;
    private SequenceReader<byte> _reader;
    private long _elements;

    private ProtobufCounter(ReadOnlySequence<byte> source, int maxElements, int maxDepth)
    {
        _reader = new SequenceReader<byte>(source);
        _maxElements = maxElements;
        _maxDepth = maxDepth;
    }

    /// <summary>Checks a whole message.</summary>
    /// <exception cref="ProtocolViolationException">It has too many elements, is nested too deeply, or is malformed.</exception>
    public static void Check(ReadOnlySequence<byte> source, ProtobufShape shape, int maxElements, int maxDepth)
    {
        ProtobufCounter counter = new(source, maxElements, maxDepth);
        counter.Walk(shape, source.Length, group: 0, depth: 0);
    }

    /// <summary>Walks over the fields up to an end, or up to the end tag of a group.</summary>
    private void Walk(ProtobufShape? shape, long end, int group, int depth)
    {
        if (depth > _maxDepth)
        {
            Throw($"A protobuf message with more than {_maxDepth} messages within each other");
        }

        while (_reader.Consumed < end)
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

            ReadValue(shape?.Field(number) ?? default, number, wireType, end, depth);
        }

        if (group != 0)
        {
            ThrowMalformed();
        }
    }

    private void ReadValue(ProtobufField field, int number, WireType wireType, long end, int depth)
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
                Walk(field.Message, end, number, depth + 1);
                break;
            case WireType.Bytes:
                ReadBytes(field, ReadLength(end), depth);
                break;
            default:
                ThrowMalformed();
                break;
        }
    }

    private void ReadBytes(ProtobufField field, long length, int depth)
    {
        if (field.Kind == ProtobufFieldKind.Message)
        {
            Walk(field.Message, _reader.Consumed + length, group: 0, depth + 1);
            return;
        }

        if (field.Kind == ProtobufFieldKind.Numbers)
        {
            Count(field.WireType switch
            {
                WireType.Fixed32 => length / sizeof(uint),
                WireType.Fixed64 => length / sizeof(ulong),
                _ => CountVarints(length),
            });
        }

        _reader.Advance(length);
    }

    /// <summary>A varint ends with each byte whose top bit is clear.</summary>
    private readonly long CountVarints(long length)
    {
        long count = 0;
        foreach (ReadOnlyMemory<byte> segment in _reader.UnreadSequence.Slice(0, length))
        {
            foreach (byte next in segment.Span)
            {
                count += next < 0x80 ? 1 : 0;
            }
        }

        return count;
    }

    private void Count(long elements)
    {
        _elements += elements;
        if (_elements > _maxElements)
        {
            Throw($"A protobuf message of more than {_maxElements} elements");
        }
    }

    private void Skip(int bytes, long end)
    {
        if (end - _reader.Consumed < bytes)
        {
            ThrowMalformed();
        }

        _reader.Advance(bytes);
    }

    private long ReadLength(long end)
    {
        ulong length = ReadVarint(end);
        if (length > (ulong)(end - _reader.Consumed))
        {
            ThrowMalformed();
        }

        return (long)length;
    }

    private ulong ReadVarint(long end)
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (_reader.Consumed >= end || !_reader.TryRead(out byte next))
            {
                break;
            }

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
