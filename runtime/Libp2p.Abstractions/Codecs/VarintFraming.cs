using System.Buffers;

namespace Libp2p.Codecs;

/// <summary>
/// https://github.com/multiformats/unsigned-varint: seven bits a byte, the lowest first, the top bit set on all but the last.
/// </summary>
/// <remarks>
/// <code>
/// +-----------------+--------------------+
/// | length (varint) | payload (length B) |
/// +-----------------+--------------------+
/// </code>
/// </remarks>
internal sealed class VarintFraming : MessageFraming
{
    private const int MaxPrefix = 9; // 63 bits

    internal override bool TryMeasure(in ReadOnlySequence<byte> head, int taken, bool isEnd, in FrameRules rules, out FrameExtent extent)
    {
        extent = default;
        SequenceReader<byte> reader = new(head);
        ulong length = 0;

        for (int read = 1; reader.TryRead(out byte next); read++)
        {
            length |= (ulong)(next & 0x7f) << (7 * (read - 1));
            if (next < 0x80)
            {
                extent = next > 0 || read == 1
                    ? new FrameExtent(read, rules.Check(length), 0)
                    : throw new ProtocolViolationException($"{rules.Subject}: a length prefix that is longer than its value needs");
                return true;
            }

            if (read == MaxPrefix)
            {
                throw new ProtocolViolationException($"{rules.Subject}: a length prefix of more than {MaxPrefix} bytes");
            }
        }

        return false;
    }

    internal override int WritePrefix(int length, IBufferWriter<byte> destination)
    {
        Span<byte> prefix = destination.GetSpan(MaxPrefix);
        int count = 0;
        uint rest = (uint)length;
        for (; rest >= 0x80; rest >>= 7)
        {
            prefix[count++] = (byte)(rest | 0x80);
        }

        prefix[count++] = (byte)rest;
        destination.Advance(count);
        return count;
    }
}
