namespace Libp2p.Muxers.Yamux;

/// <summary>What a read or a flush finds.</summary>
internal enum WaitOutcome
{
    /// <summary>Bytes, room, an end, or a cancellation: it ends.</summary>
    Ready,

    /// <summary>Nothing: it waits.</summary>
    Wait,

    /// <summary>The stream was reset.</summary>
    WasReset,

    /// <summary>The connection has ended.</summary>
    ConnectionEnded,

    /// <summary>Another one of the same kind that has not ended.</summary>
    Busy,
}
