namespace Libp2p.Muxers.Yamux;

/// <summary>What the driver does for a stream after the session changed.</summary>
[Flags]
internal enum StreamEffects
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The read that waits ends.</summary>
    WakeReader = 1,

    /// <summary>The flush that waits ends.</summary>
    WakeWriter = 2,

    /// <summary>The buffer of received bytes is emptied, before the lock is left.</summary>
    ClearReceived = 4,

    /// <summary>The buffer of bytes to be sent is emptied, before the lock is left.</summary>
    ClearQueued = 8,

    /// <summary>The stream ended out of order: its token is cancelled.</summary>
    Abort = 16,

    /// <summary>The stream left the table: what its window had grown by is given back.</summary>
    ReturnGrowth = 32,

    /// <summary>Neither the table nor a queue holds the stream any more: what was charged for it is given back.</summary>
    Release = 64,
}

/// <summary>What the driver does for the session.</summary>
[Flags]
internal enum ConnectionEffects
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The caller that waits to accept ends: with the stream that it was given, or because there will be none.</summary>
    WakeAcceptor = 1,

    /// <summary>One more stream may be opened: the first of those that wait tries again.</summary>
    WakeOpener = 2,

    /// <summary>No stream can be opened any more: all that wait try again, and fail.</summary>
    WakeOpeners = 4,

    /// <summary>The last stream left: spare memory is given back.</summary>
    Idle = 8,

    /// <summary>The session has ended, and its reason is known.</summary>
    Ended = 16,

    /// <summary>The link ends at once.</summary>
    AbortLink = 32,

    /// <summary>The session has been idle for long: room that a burst took is given up.</summary>
    Trim = 64,

    /// <summary>The driver adds it: the writer, which sleeps, goes on by itself.</summary>
    WakeWriter = 128,

    /// <summary>The driver adds it: the writer, which sleeps, goes on on the calling thread.</summary>
    WriteHere = 256,
}
