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

/// <summary>
/// What follows from changes of a session, collected by it and carried out by its driver. Most changes concern one stream; only
/// those that concern several allocate.
/// </summary>
internal struct SessionEffects
{
    private SessionStream? _stream;
    private StreamEffects _first;
    private List<(SessionStream Stream, StreamEffects Effects)>? _more;

    /// <summary>Those of the session itself.</summary>
    public ConnectionEffects Connection { get; private set; }

    /// <summary>Whether there is nothing to do.</summary>
    public readonly bool IsNone => _stream is null && Connection == ConnectionEffects.None;

    /// <summary>Streams that are concerned; one may come twice.</summary>
    public readonly int Count => _stream is null ? 0 : 1 + (_more?.Count ?? 0);

    /// <summary>A stream, and what to do for it.</summary>
    public readonly (SessionStream Stream, StreamEffects Effects) this[int index] => index == 0 ? (_stream!, _first) : _more![index - 1];

    /// <summary>Adds to what is to be done.</summary>
    public void Add(ConnectionEffects effects) => Connection |= effects;

    /// <summary>Adds to what is to be done for a stream.</summary>
    public void Add(SessionStream stream, StreamEffects effects)
    {
        if (effects == StreamEffects.None)
        {
            return;
        }

        _stream ??= stream;
        if (_stream == stream)
        {
            _first |= effects;
        }
        else if (_more is [.., (SessionStream last, StreamEffects known)] && last == stream)
        {
            _more[^1] = (stream, known | effects);
        }
        else
        {
            (_more ??= []).Add((stream, effects));
        }
    }

    /// <summary>Leaves a wake-up of a reader to the caller, to be done last: the stream, or null when no reader is to be woken.</summary>
    public SessionStream? TakeReader()
    {
        if (_stream is null || (_first & StreamEffects.WakeReader) == 0)
        {
            return null;
        }

        _first &= ~StreamEffects.WakeReader;
        return _stream;
    }

    /// <summary>Leaves the wake-up of the acceptor to the caller; false when it is not to be woken.</summary>
    public bool TakeAcceptor()
    {
        bool wakes = (Connection & ConnectionEffects.WakeAcceptor) != 0;
        Connection &= ~ConnectionEffects.WakeAcceptor;
        return wakes;
    }
}
