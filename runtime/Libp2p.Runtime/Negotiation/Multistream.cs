using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Libp2p.Negotiation;

/// <summary>
/// The messages of multistream-select 1.0 (https://github.com/multiformats/multistream-select, digest of the peers' limits in
/// https://github.com/libp2p/specs/blob/master/connections/README.md#protocol-negotiation).
/// <code>
/// length (varint, one or two bytes, counts the line feed) | text | 0a
/// </code>
/// </summary>
internal static class Multistream
{
    /// <summary>Bytes of the longest message, line feed included, prefix not: go and js read no more.</summary>
    public const int MaxMessage = 1024;

    /// <summary>Bytes of the longest message with its prefix.</summary>
    public const int MaxFrame = MaxPrefix + MaxMessage;

    private const int MaxPrefix = 2;

    /// <summary>What each side says first.</summary>
    public static readonly ProtocolId Header = "/multistream/1.0.0";

    /// <summary>The refusal of a proposal.</summary>
    public static readonly ProtocolId NotAvailable = "na";

    /// <summary>Asks for all that is served.</summary>
    public static readonly ProtocolId List = "ls";

    /// <summary>
    /// Finds the message at the start of what was received. A message is read whole or not at all, and one that can only be wrong is
    /// refused before the rest of it arrives.
    /// </summary>
    /// <param name="received">The bytes so far.</param>
    /// <param name="scratch">At least <see cref="MaxFrame"/> bytes; used when the message lies in several segments.</param>
    /// <param name="text">The text, without its line feed; lies in either of the two.</param>
    /// <param name="length">Bytes of the whole message.</param>
    /// <returns>False when more bytes are needed.</returns>
    /// <exception cref="ProtocolViolationException">The bytes are no message.</exception>
    public static bool TryRead(in ReadOnlySequence<byte> received, Span<byte> scratch, out ReadOnlySpan<byte> text, out int length)
    {
        text = default;
        length = 0;
        ReadOnlySpan<byte> bytes = Contiguous(received, scratch);

        if (!TryReadPrefix(bytes, out int prefix, out int count) || bytes.Length < prefix + count)
        {
            return false;
        }

        if (bytes[prefix + count - 1] != (byte)'\n')
        {
            ThrowMalformed("a message without a line feed", bytes[..(prefix + count)]);
        }

        length = prefix + count;
        text = bytes[prefix..(length - 1)];
        return true;
    }

    /// <summary>Throws as soon as what was received cannot become the header.</summary>
    public static void CheckHeader(in ReadOnlySequence<byte> received)
    {
        Span<byte> scratch = stackalloc byte[MaxFrame];
        ReadOnlySpan<byte> bytes = Contiguous(received, scratch);
        ReadOnlySpan<byte> header = Header.Message.Span;

        if (!header.StartsWith(bytes[..Math.Min(bytes.Length, header.Length)]))
        {
            ThrowMalformed($"something else than {Header}", bytes);
        }
    }

    /// <summary>Appends a message to what will be sent.</summary>
    public static void Write(IBufferWriter<byte> output, ProtocolId message) => output.Write(message.Message.Span);

    /// <summary>
    /// Appends the answer to <see cref="List"/>: one message whose text is the messages of all ids. What does not fit into
    /// <see cref="MaxMessage"/> is left out, because nobody would read it.
    /// </summary>
    public static void WriteList(IBufferWriter<byte> output, IReadOnlyList<ProtocolId> ids)
    {
        int length = 1;
        int count = 0;

        while (count < ids.Count && length + ids[count].Message.Length <= MaxMessage)
        {
            length += ids[count++].Message.Length;
        }

        Span<byte> frame = output.GetSpan(MaxFrame);
        int at = WritePrefix(frame, length);

        for (int i = 0; i < count; i++)
        {
            ids[i].Message.Span.CopyTo(frame[at..]);
            at += ids[i].Message.Length;
        }

        frame[at++] = (byte)'\n';
        output.Advance(at);
    }

    private static int WritePrefix(Span<byte> destination, int length)
    {
        if (length < 0x80)
        {
            destination[0] = (byte)length;
            return 1;
        }

        destination[0] = (byte)(length | 0x80);
        destination[1] = (byte)(length >> 7);
        return 2;
    }

    private static bool TryReadPrefix(ReadOnlySpan<byte> bytes, out int prefix, out int count)
    {
        prefix = 1;
        count = 0;

        if (bytes.IsEmpty)
        {
            return false;
        }

        if (bytes[0] < 0x80)
        {
            count = bytes[0];
        }
        else if (bytes.Length == 1)
        {
            return false;
        }
        else
        {
            prefix = MaxPrefix;
            count = (bytes[0] & 0x7F) | (bytes[1] << 7);

            if (bytes[1] is 0 or >= 0x80)
            {
                ThrowMalformed("a length that is too long or not minimal", bytes);
            }
        }

        if (count is 0 or > MaxMessage)
        {
            ThrowMalformed(count == 0 ? "an empty message" : $"a message of {count} bytes, of which {MaxMessage} are allowed", bytes);
        }

        return true;
    }

    private static ReadOnlySpan<byte> Contiguous(in ReadOnlySequence<byte> received, Span<byte> scratch)
    {
        int available = (int)Math.Min(received.Length, MaxFrame);

        if (received.FirstSpan.Length >= available)
        {
            return received.FirstSpan[..available];
        }

        received.Slice(0, available).CopyTo(scratch);
        return scratch[..available];
    }

    [DoesNotReturn]
    private static void ThrowMalformed(string what, ReadOnlySpan<byte> seen) =>
        throw new ProtocolViolationException($"The remote sent {what} in multistream-select: {WireText.Quote(seen)}");
}
