using Libp2p.Connections;

namespace Libp2p.Muxers.Yamux;

/// <summary>
/// A Yamux session as the protocol sees it: frames, calls of the application and time in; frames to write, the next time and effects
/// out. It owns no link, task, lock, clock or buffer, so a test of it is a table (docs/yamux.md). Its parts: what it is (here), frames
/// that come, opening and accepting, frames to write, time, and the end.
/// </summary>
/// <remarks>
/// Not thread-safe: its driver, <see cref="YamuxConnection"/>, calls it under one lock, and takes the effects (<see cref="TakeEffects"/>)
/// before it leaves the lock. Times are timestamps.
/// </remarks>
internal sealed partial class YamuxSession
{
    private readonly StreamTable _table;
    private readonly StreamList _accepting = new();
    private readonly long _frequency;
    private readonly Func<uint, Direction, SessionStream> _create;
    private SessionEffects _effects;
    private List<(SessionStream Stream, StreamEffects Effects)>? _spare; // for effects

    /// <summary>A session that begins.</summary>
    /// <param name="role">The initiator's streams have odd numbers.</param>
    /// <param name="options">The bounds.</param>
    /// <param name="frequency">Timestamp units in a second.</param>
    /// <param name="now">The time.</param>
    /// <param name="create">Makes a stream; null: one without a driver.</param>
    public YamuxSession(
        ConnectionRole role, YamuxOptions options, long frequency, long now, Func<uint, Direction, SessionStream>? create = null)
    {
        Options = options;
        _frequency = frequency;
        _create = create ?? ((streamId, direction) => new SessionStream(this, streamId, direction));
        _table = new StreamTable(role, options);
        _heartbeat = new Heartbeat(Ticks(options.KeepAliveInterval), Ticks(options.KeepAliveTimeout), now);
        _tinyFrames = new TokenBucket(options.TinyFrames, frequency, now);
        _pings = new TokenBucket(options.Pings, frequency, now);
        _resets = new TokenBucket(options.Resets, frequency, now);
    }

    /// <summary>The bounds.</summary>
    public YamuxOptions Options { get; }

    /// <summary>Why it ended; null before.</summary>
    public EndReason? EndReason { get; private set; }

    /// <summary>Why it is about to end: the remote sent a GoAway, and its link has not ended yet.</summary>
    public EndReason? GoingAway { get; private set; }

    /// <summary>Whether streams can be opened, now or when others are acknowledged or over.</summary>
    public bool TakesStreams => (EndReason ?? GoingAway) is null && _table.NextId <= uint.MaxValue;

    /// <summary>Streams that are open; none when it has ended.</summary>
    public int StreamCount => EndReason is null ? _table.Count : 0;

    /// <summary>The numbers and counts of its streams.</summary>
    public StreamTable Table => _table;

    /// <summary>Streams that the remote opened and the application has not accepted.</summary>
    public int WaitingToBeAccepted => _accepting.Count;

    /// <summary>What is to be done now. The driver asks before it leaves its lock, and does it.</summary>
    public SessionEffects TakeEffects()
    {
        SessionEffects effects = _effects;
        _effects = default;
        return effects;
    }

    /// <summary>Adds to what is to be done for a stream.</summary>
    public void Add(SessionStream stream, StreamEffects effects) => _effects.Add(stream, effects, ref _spare);

    /// <summary>Gives back what the effects needed when all is done: the one method that is called outside the lock.</summary>
    public void Recycle(in SessionEffects effects)
    {
        if (effects.Empty() is { } spare)
        {
            Volatile.Write(ref _spare, spare);
        }
    }

    /// <summary>One of our streams is acknowledged, or over.</summary>
    public void Acknowledged()
    {
        _table.Acknowledge();
        _effects.Add(ConnectionEffects.WakeOpener);
    }

    /// <summary>A stream is over.</summary>
    public void Leave(SessionStream stream, long now)
    {
        Add(stream, StreamEffects.ReturnGrowth);
        if (EndReason is not null || !_table.Remove(stream))
        {
            return;
        }

        stream.IsOut = true;
        StreamList.Remove(stream);
        stream.ReleaseIfGone();
        if (_table.Count == 0)
        {
            _effects.Add(ConnectionEffects.Idle);
            if (GoingAway is not null)
            {
                End(GoingAway, WriterEnding.AfterData, now); // the remote is only waiting for this
            }
        }
    }

    /// <summary>Gives up the room that a burst took: no stream is open.</summary>
    public void Trim()
    {
        _spare = null;
        _table.Trim();
        _control.TrimExcess();
        _data.TrimExcess();
        _own.TrimExcess();
    }

    private long Ticks(TimeSpan span) =>
        span == Timeout.InfiniteTimeSpan ? long.MaxValue : (long)Math.Min(span.TotalSeconds * _frequency, long.MaxValue / 2);

    private long After(long now, TimeSpan span) => Heartbeat.After(now, Ticks(span));
}
