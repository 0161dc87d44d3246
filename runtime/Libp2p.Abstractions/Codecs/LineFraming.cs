using System.Buffers;

namespace Libp2p.Codecs;

/// <summary>Lines: a message, perhaps a carriage return, a line feed.</summary>
internal sealed class LineFraming : MessageFraming
{
    private const byte CarriageReturn = (byte)'\r';
    private const byte LineFeed = (byte)'\n';

    internal override bool TryMeasure(in ReadOnlySequence<byte> head, int taken, bool isEnd, in FrameRules rules, out FrameExtent extent)
    {
        extent = default;
        SequenceReader<byte> reader = new(head);
        if (reader.TryAdvanceTo(LineFeed, advancePastDelimiter: false))
        {
            long length = taken + reader.Consumed;
            bool mayHaveReturn = reader.Consumed > 0 ? EndsWithReturn(head.Slice(0, reader.Consumed)) : taken > 0;
            rules.Check((ulong)(mayHaveReturn ? length - 1 : length));
            extent = new FrameExtent(0, (int)length, 1);
            return true;
        }

        long most = taken + head.Length - 1; // the last byte may be the carriage return of a line that is just allowed
        if (most > rules.MaxLength)
        {
            rules.Check((ulong)most);
        }

        return false;
    }

    internal override ReadOnlySequence<byte> Trim(ReadOnlySequence<byte> payload) =>
        !payload.IsEmpty && EndsWithReturn(payload) ? payload.Slice(0, payload.Length - 1) : payload;

    internal override void CheckPayload(ReadOnlySpan<byte> part, bool isLast)
    {
        if (part.Contains(LineFeed) || (isLast && part is [.., CarriageReturn]))
        {
            throw new ArgumentException("A line holds no line feed, and does not end with a carriage return.");
        }
    }

    internal override int SuffixLength => 1;

    internal override int WriteSuffix(IBufferWriter<byte> destination)
    {
        destination.GetSpan(1)[0] = LineFeed;
        destination.Advance(1);
        return 1;
    }

    private static bool EndsWithReturn(ReadOnlySequence<byte> bytes)
    {
        Span<byte> last = stackalloc byte[1];
        bytes.Slice(bytes.Length - 1).CopyTo(last);
        return last[0] == CarriageReturn;
    }
}
