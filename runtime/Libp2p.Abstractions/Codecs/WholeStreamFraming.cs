using System.Buffers;

namespace Libp2p.Codecs;

/// <summary>One message: all bytes until the end of the stream.</summary>
internal sealed class WholeStreamFraming : MessageFraming
{
    internal override bool EndsWithStream => true;

    internal override bool TryMeasure(in ReadOnlySequence<byte> head, int taken, bool isEnd, in FrameRules rules, out FrameExtent extent)
    {
        extent = new FrameExtent(0, rules.Check((ulong)(taken + head.Length)), 0);
        return isEnd;
    }
}
