namespace Libp2p.Muxers.Yamux;

/// <summary>
/// What follows from changes of a session, collected by it and carried out by its driver. Most changes concern one stream; the others
/// stand in a list that the driver gives back (<see cref="YamuxSession.Recycle"/>).
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
    /// <param name="stream">The stream.</param>
    /// <param name="effects">What is to be done.</param>
    /// <param name="spare">A list to use when a second stream is concerned.</param>
    public void Add(SessionStream stream, StreamEffects effects, ref List<(SessionStream Stream, StreamEffects Effects)>? spare)
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
            _more ??= Interlocked.Exchange(ref spare, null) ?? [];
            _more.Add((stream, effects));
        }
    }

    /// <summary>All was done: the list, empty, for the next time.</summary>
    public readonly List<(SessionStream Stream, StreamEffects Effects)>? Empty()
    {
        _more?.Clear();
        return _more;
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
