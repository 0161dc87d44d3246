using System.Buffers;
using System.Buffers.Binary;

namespace Libp2p.Codecs;

/// <summary>A length of two or four bytes, the highest first, before each message.</summary>
internal sealed class BigEndianFraming(int prefix) : MessageFraming
{
    internal override int MaxLength => prefix == sizeof(ushort) ? ushort.MaxValue : int.MaxValue;

    internal override bool TryMeasure(in ReadOnlySequence<byte> head, int taken, bool isEnd, in FrameRules rules, out FrameExtent extent)
    {
        extent = default;
        if (head.Length < prefix)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        bytes.Clear();
        head.Slice(0, prefix).CopyTo(bytes[^prefix..]);
        extent = new FrameExtent(prefix, rules.Check(BinaryPrimitives.ReadUInt32BigEndian(bytes)), 0);
        return true;
    }

    internal override int WritePrefix(int length, IBufferWriter<byte> destination)
    {
        Span<byte> bytes = destination.GetSpan(prefix)[..prefix];
        if (prefix == sizeof(ushort))
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)length);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)length);
        }

        destination.Advance(prefix);
        return prefix;
    }
}
