using System.Buffers;
using System.ComponentModel;

namespace Libp2p.Codecs;

/// <summary>
/// How messages are delimited on a stream: a pure strategy that measures the message at the head of some bytes, and writes what
/// stands around one. Stateless and thread-safe.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class MessageFraming
{
    private protected MessageFraming()
    {
    }

    /// <summary>An unsigned varint length, minimal and of at most 9 bytes, before each message.</summary>
    public static MessageFraming Varint { get; } = new VarintFraming();

    /// <summary>A 16-bit big-endian length before each message.</summary>
    public static MessageFraming UInt16 { get; } = new BigEndianFraming(sizeof(ushort));

    /// <summary>A 32-bit big-endian length before each message.</summary>
    public static MessageFraming UInt32 { get; } = new BigEndianFraming(sizeof(uint));

    /// <summary>A line feed after each message, and perhaps a carriage return before it.</summary>
    public static MessageFraming Line { get; } = new LineFraming();

    /// <summary>One message, ended by the end of the stream.</summary>
    public static MessageFraming None { get; } = new WholeStreamFraming();

    /// <summary>Messages of one size, without a prefix.</summary>
    /// <param name="size">Bytes of each message; above 0.</param>
    public static MessageFraming Fixed(int size) => new FixedFraming(size);

    /// <summary>Bytes of the longest message that it can delimit, whatever the limit.</summary>
    internal virtual int MaxLength => int.MaxValue;

    /// <summary>Whether only the end of the stream ends a message, so that a stream carries one in each direction.</summary>
    internal virtual bool EndsWithStream => false;

    /// <summary>Measures the frame at the head of the bytes, as soon as its size is known; the frame itself need not be there.</summary>
    /// <param name="head">What has arrived of the frame and has not been taken out, and perhaps what follows it.</param>
    /// <param name="taken">Bytes of the frame that were taken out before; only while its size is not known.</param>
    /// <param name="isEnd">Whether nothing follows.</param>
    /// <param name="rules">Whose messages they are, and how long they may be.</param>
    /// <param name="extent">The size of the frame, the taken bytes included.</param>
    /// <exception cref="ProtocolViolationException">The prefix is malformed, or the message too long.</exception>
    internal abstract bool TryMeasure(in ReadOnlySequence<byte> head, int taken, bool isEnd, in FrameRules rules, out FrameExtent extent);

    /// <summary>What of the payload is the message.</summary>
    internal virtual ReadOnlySequence<byte> Trim(ReadOnlySequence<byte> payload) => payload;

    /// <summary>Writes what stands before a message of this length.</summary>
    internal virtual int WritePrefix(int length, IBufferWriter<byte> destination) => 0;

    /// <summary>Checks that a part of a message to send holds nothing that would end it early.</summary>
    internal virtual void CheckPayload(ReadOnlySpan<byte> part, bool isLast)
    {
    }

    /// <summary>Bytes that stand after a message.</summary>
    internal virtual int SuffixLength => 0;

    /// <summary>Writes what stands after a message.</summary>
    internal virtual int WriteSuffix(IBufferWriter<byte> destination) => 0;
}

/// <summary>What a frame must keep to.</summary>
/// <param name="Subject">Whose frame it is, for the exception: the agreed protocol id.</param>
/// <param name="MaxLength">Bytes of the longest message.</param>
internal readonly record struct FrameRules(string Subject, int MaxLength)
{
    /// <summary>Checks a declared length, before a byte is buffered for it.</summary>
    public int Check(ulong length) => length <= (ulong)MaxLength
        ? (int)length
        : throw new ProtocolViolationException($"{Subject}: a message of {length} bytes, where at most {MaxLength} are allowed");
}

/// <summary>The size of a frame.</summary>
/// <param name="Prefix">Bytes before the payload.</param>
/// <param name="Payload">Bytes of the payload.</param>
/// <param name="Suffix">Bytes after it.</param>
internal readonly record struct FrameExtent(int Prefix, int Payload, int Suffix)
{
    public long Total => (long)Prefix + Payload + Suffix;
}
