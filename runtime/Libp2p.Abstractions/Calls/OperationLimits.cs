namespace Libp2p;

/// <summary>The effective bounds of an operation: what <see cref="LimitsAttribute"/> declared, as the registration overrode it. Immutable.</summary>
public sealed record OperationLimits
{
    /// <summary>The safe default: 64 KiB a message, 4,096 elements, 10 s, 32 streams per peer in each direction.</summary>
    public static readonly OperationLimits Default = new();

    private readonly int? _outboundPerPeer;

    /// <summary>Bytes of one message from initiator to responder, without its length prefix.</summary>
    public int MaxRequest { get; init; } = 64 * Size.KiB;

    /// <summary>Bytes of one message from responder to initiator, without its length prefix.</summary>
    public int MaxResponse { get; init; } = 64 * Size.KiB;

    /// <summary>Bytes of one message that is sent, in either role; null: what is accepted in that direction.</summary>
    public int? MaxSend { get; init; }

    /// <summary>Submessages, and elements of repeated fields, in one decoded message.</summary>
    public int MaxElements { get; init; } = 4096;

    /// <summary>Time for the whole exchange, negotiation included; null without a bound (streaming operations with <see cref="Idle"/>).</summary>
    public TimeSpan? Exchange { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time from the first byte of a message to its last; null: bounded by the others only.</summary>
    public TimeSpan? Read { get; init; }

    /// <summary>
    /// Time without a message in either direction, or on raw streams without a byte; null: bounded by the others only, and between the
    /// exchanges of a reused stream by <see cref="Exchange"/>; <see cref="Timeout.InfiniteTimeSpan"/>: not bounded there either. Inside a
    /// message <see cref="Read"/> runs in its place, where there is one.
    /// </summary>
    public TimeSpan? Idle { get; init; }

    /// <summary>Streams that one peer may have open towards us.</summary>
    public int InboundPerPeer { get; init; } = 32;

    /// <summary>
    /// Streams that we may have open towards one peer; calls beyond wait within their time. Not set: <see cref="InboundPerPeer"/>, which is
    /// what a responder of the same declaration admits.
    /// </summary>
    public int OutboundPerPeer
    {
        get => _outboundPerPeer ?? InboundPerPeer;
        init => _outboundPerPeer = value;
    }

    /// <summary>What a stream beyond its bound meets.</summary>
    public WhenFull WhenFull { get; init; }
}
