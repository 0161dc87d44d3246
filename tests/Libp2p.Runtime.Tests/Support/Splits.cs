using System.Buffers;

namespace Libp2p.Tests;

/// <summary>Sequences whose bytes lie in several segments.</summary>
internal static class Splits
{
    /// <summary>The bytes cut once, at each place in turn, and once into single bytes.</summary>
    public static IEnumerable<ReadOnlySequence<byte>> OfEachKind(byte[] bytes)
    {
        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            yield return Sequence(bytes[..cut], bytes[cut..]);
        }

        yield return Sequence([.. bytes.Select(b => new[] { b })]);
    }

    public static ReadOnlySequence<byte> Sequence(params byte[][] parts)
    {
        Segment first = new(parts.Length == 0 ? [] : parts[0], null);
        Segment last = first;

        foreach (byte[] part in parts.Skip(1))
        {
            last = new Segment(part, last);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes, Segment? previous)
        {
            Memory = bytes;

            if (previous is not null)
            {
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
                previous.Next = this;
            }
        }
    }
}
