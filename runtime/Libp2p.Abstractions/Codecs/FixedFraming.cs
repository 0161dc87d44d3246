using System.Buffers;

namespace Libp2p.Codecs;

/// <summary>Messages of one size, one after another.</summary>
internal sealed class FixedFraming : MessageFraming
{
    private readonly int _size;

    public FixedFraming(int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        _size = size;
    }

    internal override int MaxLength => _size;

    internal override bool TryMeasure(in ReadOnlySequence<byte> head, int taken, bool isEnd, in FrameRules rules, out FrameExtent extent)
    {
        extent = new FrameExtent(0, rules.Check((ulong)_size), 0);
        return true;
    }

    internal override int WritePrefix(int length, IBufferWriter<byte> destination) => length == _size
        ? 0
        : throw new ArgumentException($"A message has exactly {_size} bytes, and this one {length}.");
}
