using System.Buffers.Binary;

namespace Libp2p.Muxers.Yamux;

/// <summary>The twelve bytes before each frame (hashicorp/yamux spec.md; libp2p/specs yamux).</summary>
/// <remarks>
/// <code>
/// | version 8 = 0 | type 8 | flags 16 | stream id 32 | length 32 |   all big-endian
/// </code>
/// The length counts body bytes in a Data frame only. In a window update it is credit, or the error code beside RST; in a ping
/// any value, in a GoAway the code.
/// </remarks>
internal readonly record struct FrameHeader(FrameType Type, FrameFlags Flags, uint StreamId, uint Length)
{
    public const int Size = 12;

    private const byte Version = 0;

    /// <summary>Bytes that follow the header.</summary>
    public uint BodyLength => Type == FrameType.Data ? Length : 0;

    public bool Has(FrameFlags flag) => (Flags & flag) != 0;

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)Version << 24 | (uint)Type << 16 | (uint)Flags);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], StreamId);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], Length);
    }

    /// <summary>Reads a header. Flags that nobody has defined are kept and mean nothing.</summary>
    /// <exception cref="ProtocolViolationException">Version or type is unknown, so the length of the frame is too.</exception>
    public static FrameHeader Read(ReadOnlySpan<byte> source)
    {
        uint word = BinaryPrimitives.ReadUInt32BigEndian(source);
        if (word >> 18 != 0) // version is not 0, or the type is above 3
        {
            Violation.UnknownFrame(version: word >> 24, type: word >> 16 & 0xff);
        }

        return new FrameHeader(
            (FrameType)(word >> 16),
            (FrameFlags)(ushort)word,
            BinaryPrimitives.ReadUInt32BigEndian(source[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[8..]));
    }
}

/// <summary>What a frame is.</summary>
internal enum FrameType : byte
{
    /// <summary>Bytes of a stream.</summary>
    Data = 0,

    /// <summary>Credit for a stream, and what is said of a stream without data.</summary>
    WindowUpdate = 1,

    /// <summary>SYN asks, ACK answers with the same value.</summary>
    Ping = 2,

    /// <summary>The sender ends the session.</summary>
    GoAway = 3,
}

/// <summary>What a frame says of its stream.</summary>
[Flags]
internal enum FrameFlags : ushort
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Opens it.</summary>
    Syn = 1,

    /// <summary>Accepts it.</summary>
    Ack = 2,

    /// <summary>Ends the sender's direction.</summary>
    Fin = 4,

    /// <summary>Ends both directions at once.</summary>
    Rst = 8,
}

/// <summary>The codes of GoAway that Yamux itself defines.</summary>
internal static class GoAwayCode
{
    public const uint Normal = 0;
    public const uint ProtocolError = 1;
    public const uint InternalError = 2;
}
