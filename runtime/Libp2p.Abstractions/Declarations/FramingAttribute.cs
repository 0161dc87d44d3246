namespace Libp2p;

/// <summary>
/// Says how messages are delimited on the stream; without it, by an unsigned varint length. On the parameter of a first message it is
/// that message's alone. The bytes of a raw stream are not delimited: there it stands on a first message, or nowhere.
/// </summary>
/// <param name="framing">The kind of framing.</param>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method | AttributeTargets.Parameter)]
public sealed class FramingAttribute(Framing framing) : Attribute
{
    /// <summary>The kind of framing.</summary>
    public Framing Framing { get; } = framing;

    /// <summary>Bytes in each message; required for, and only for, <see cref="Framing.Fixed"/>.</summary>
    public int Size { get; set; }
}

/// <summary>How messages are delimited.</summary>
public enum Framing
{
    /// <summary>An unsigned varint length, then the message (multiformats unsigned-varint: minimal, at most 9 bytes).</summary>
    Varint,

    /// <summary>A 16-bit big-endian length, then the message.</summary>
    UInt16,

    /// <summary>A 32-bit big-endian length, then the message.</summary>
    UInt32,

    /// <summary>Every message has the same size and no prefix.</summary>
    Fixed,

    /// <summary>Each message ends with a line feed, which is not part of it; a carriage return before it is dropped.</summary>
    Line,

    /// <summary>One message, ended by the end of the stream.</summary>
    None,
}
