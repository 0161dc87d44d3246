namespace Libp2p;

/// <summary>
/// The bounds of an operation, or of all operations of a protocol. The same numbers feed the resource manager, and each can be
/// overridden where the protocol is registered (<see cref="Protocol{T}.With(OperationLimits)"/>). 0 means "not set here": a member
/// takes the interface's value, and else the safe default of <see cref="OperationLimits.Default"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method)]
public sealed class LimitsAttribute : Attribute
{
    /// <summary>Bytes of one message in either direction, without its length prefix.</summary>
    public int MaxMessage { get; set; }

    /// <summary>Bytes of one message from initiator to responder; over <see cref="MaxMessage"/>.</summary>
    public int MaxRequest { get; set; }

    /// <summary>Bytes of one message from responder to initiator; over <see cref="MaxMessage"/>.</summary>
    public int MaxResponse { get; set; }

    /// <summary>
    /// Submessages, and elements of repeated fields, in one decoded message: counted over the wire format, before anything is allocated.
    /// </summary>
    public int MaxElements { get; set; }

    /// <summary>Seconds for the whole exchange, negotiation included.</summary>
    public int ExchangeSeconds { get; set; }

    /// <summary>Seconds for the arrival of one message that is being waited for.</summary>
    public int ReadSeconds { get; set; }

    /// <summary>Seconds without a byte in either direction, between messages.</summary>
    public int IdleSeconds { get; set; }

    /// <summary>Streams of the operation that one peer may have open towards us.</summary>
    public int InboundPerPeer { get; set; }

    /// <summary>Streams of the operation that we may have open towards one peer.</summary>
    public int OutboundPerPeer { get; set; }

    /// <summary>What an inbound or outbound stream beyond its bound meets.</summary>
    public WhenFull WhenFull { get; set; }
}

/// <summary>What happens at a full bound.</summary>
public enum WhenFull
{
    /// <summary>The default: an outbound call waits, within its deadline, and an inbound stream is reset.</summary>
    Default,

    /// <summary>Waits for a place, within the exchange's time.</summary>
    Wait,

    /// <summary>Fails at once: <see cref="LimitExceededException"/> for a call, a reset for an inbound stream.</summary>
    Refuse,
}

/// <summary>Binary sizes, for attributes.</summary>
public static class Size
{
    /// <summary>1,024 bytes.</summary>
    public const int KiB = 1024;

    /// <summary>1,048,576 bytes.</summary>
    public const int MiB = 1024 * KiB;
}
