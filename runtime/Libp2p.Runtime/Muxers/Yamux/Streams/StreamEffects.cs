namespace Libp2p.Muxers.Yamux;

/// <summary>What has to be done after a stream's lock was left.</summary>
[Flags]
internal enum StreamEffects
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Somebody waits for bytes.</summary>
    WakeReader = 1,

    /// <summary>Somebody waits for room.</summary>
    WakeWriter = 2,

    /// <summary>The session's writer sleeps.</summary>
    WakeOutbox = 4,

    /// <summary>The stream ended out of order, and somebody may watch for that.</summary>
    Abort = 8,

    /// <summary>The stream is over, and leaves the session.</summary>
    Leave = 16,

    /// <summary>The remote acknowledged the stream.</summary>
    Acknowledged = 32,

    /// <summary>The application has finished with the stream, the remote has not.</summary>
    Linger = 64,

    /// <summary>The application has finished with the stream, and the remote waits for credit it will not get.</summary>
    Stuck = 128,
}
