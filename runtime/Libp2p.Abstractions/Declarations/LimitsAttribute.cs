namespace Libp2p;

/// <summary>
/// The bounds of an operation, or of all operations of a protocol. The same numbers feed the resource manager, and each can be
/// overridden where the protocol is registered (<see cref="Protocol{T}.With(OperationLimits)"/>). What is not set on a member
/// is the interface's, and else the safe default of <see cref="OperationLimits.Default"/>. A number that is written is above zero; a time
/// may be <see cref="Seconds.Unbounded"/> instead, and no number of seconds is too long. A size is 1 GiB at the most, and with
/// <see cref="Framing.UInt16"/> 64 KiB less one byte.
/// </summary>
/// <remarks>
/// A request is whatever the initiator sends, each message of a stream or dialogue too, and a response whatever the responder sends;
/// of a raw stream only a first message is bounded. Operations that share an id read the first frame under the largest of their bounds
/// and go on under their own.
/// </remarks>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method)]
public sealed class LimitsAttribute : Attribute
{
    /// <summary>Bytes of one message that is accepted, in either direction, without its length prefix.</summary>
    public int MaxMessage { get; set; }

    /// <summary>Bytes of one message that a responder accepts; over <see cref="MaxMessage"/>.</summary>
    public int MaxRequest { get; set; }

    /// <summary>Bytes of one message that an initiator accepts; over <see cref="MaxMessage"/>.</summary>
    public int MaxResponse { get; set; }

    /// <summary>
    /// Bytes of one message that is sent, in either role, where other implementations take less than we accept. A longer one fails
    /// before a byte of it is written. Not set: what is accepted in that direction.
    /// </summary>
    public int MaxSend { get; set; }

    /// <summary>
    /// Submessages, and elements of repeated fields, in one decoded message: counted over the wire format, before anything is allocated.
    /// </summary>
    public int MaxElements { get; set; }

    /// <summary>
    /// Seconds for the whole exchange, negotiation included, or up to the hand-off; on a reused stream, from request to reply. What a
    /// remote is granted; a caller's own time limit makes a call shorter.
    /// </summary>
    public int ExchangeSeconds { get; set; }

    /// <summary>
    /// Seconds from the first byte of a message to its last, as long as somebody reads it. The wait for the first one is
    /// <see cref="IdleSeconds"/>.
    /// </summary>
    public int ReadSeconds { get; set; }

    /// <summary>
    /// Seconds without a message in either direction: between messages, and inside one too where no <see cref="ReadSeconds"/> bounds that.
    /// On raw streams, seconds without a byte. Between the exchanges of a reused stream not set means <see cref="ExchangeSeconds"/>.
    /// </summary>
    public int IdleSeconds { get; set; }

    /// <summary>Streams of the operation that one peer may have open towards us; what one beyond meets is <see cref="WhenFull"/>.</summary>
    public int InboundPerPeer { get; set; }

    /// <summary>
    /// Streams of the operation that we may have open towards one peer; calls beyond wait, within their time. Not set:
    /// <see cref="InboundPerPeer"/>, since both ends share the declaration. Where other implementations admit fewer, their number.
    /// </summary>
    public int OutboundPerPeer { get; set; }

    /// <summary>What an inbound or outbound stream beyond its bound meets.</summary>
    public WhenFull WhenFull { get; set; }
}

/// <summary>What happens at a full bound.</summary>
public enum WhenFull
{
    /// <summary>
    /// The default: an outbound call waits, within its deadline, and an inbound stream is reset, unless one that is just ending makes room
    /// within 250 ms.
    /// </summary>
    Default,

    /// <summary>Waits for a place, within the exchange's time.</summary>
    Wait,

    /// <summary>Fails at once: <see cref="LimitExceededException"/> for a call, a reset for an inbound stream.</summary>
    Refuse,

    /// <summary>
    /// An inbound stream is admitted and the oldest one is reset: with <see cref="ReuseAttribute"/> the oldest that is idle between
    /// exchanges, if there is one (kad, ping), else the oldest (gossipsub). An outbound call waits.
    /// </summary>
    ReplaceOldest,
}

/// <summary>Times, for attributes.</summary>
public static class Seconds
{
    /// <summary>No bound, decided and not forgotten (streams that live as long as their connection).</summary>
    public const int Unbounded = -1;
}

/// <summary>Binary sizes, for attributes.</summary>
public static class Size
{
    /// <summary>1,024 bytes.</summary>
    public const int KiB = 1024;

    /// <summary>1,048,576 bytes.</summary>
    public const int MiB = 1024 * KiB;
}
