namespace Libp2p.Muxers.Yamux;

/// <content>Time: keep-alive, the round trip, what is held back, streams that linger, the deadline of the end.</content>
internal sealed partial class YamuxSession
{
    private static readonly TimeSpan s_roundTripAge = TimeSpan.FromSeconds(10);

    private readonly StreamList _lingering = new();
    private readonly StreamList _stuck = new();
    private Heartbeat _heartbeat;
    private long _deadline = long.MaxValue;
    private long _measureNext = long.MinValue;

    /// <summary>When <see cref="OnTime"/> is to be called.</summary>
    public long Due
    {
        get
        {
            long due = Math.Min(_deadline, _heldBackUntil);
            return EndReason is not null ? due
                : Math.Min(due, Math.Min(_heartbeat.Due, Math.Min(DueOf(_lingering), DueOf(_stuck))));
        }
    }

    /// <summary>The smoothed round trip; 0 while it is unknown.</summary>
    public long RoundTrip => _heartbeat.RoundTrip;

    /// <summary>Streams that the application has finished with and the remote has not.</summary>
    public int Lingering => _lingering.Count;

    /// <summary>Whether the link brought anything since the last look at it.</summary>
    public bool HasHeard { get; set; }

    /// <summary>Has the round trip measured, if it was not of late. Windows ask when they are about to grow, so an idle session does not ping for it.</summary>
    public void MeasureRoundTrip(long now)
    {
        if (now < _measureNext)
        {
            return;
        }

        _measureNext = After(now, s_roundTripAge);
        if (EndReason is null && _heartbeat.TryBegin(now, out uint value))
        {
            HasHeard = false;
            AddPing(value);
        }
    }

    /// <summary>The application has finished with a stream; the remote gets its time.</summary>
    public void Linger(SessionStream stream, long now)
    {
        if (EndReason is null && !stream.IsOut && stream.Place.List is null)
        {
            _lingering.Add(stream, After(now, Options.StreamCloseTimeout));
        }
    }

    /// <summary>The application has finished with a stream on which the remote waits for credit: its time is shorter.</summary>
    public void LingerStuck(SessionStream stream, long now)
    {
        if (EndReason is null && !stream.IsOut && stream.Place.List != _stuck)
        {
            StreamList.Remove(stream);
            _stuck.Add(stream, After(now, Options.StuckStreamTimeout));
        }
    }

    /// <summary>Does what is due.</summary>
    /// <param name="cause">Why writing failed, if it did.</param>
    /// <param name="now">The time.</param>
    public void OnTime(Exception? cause, long now)
    {
        if (now >= _deadline)
        {
            _deadline = long.MaxValue;
            Abort(
                new EndReason(EndedBy.Link, ErrorCode.None, $"The link did not end within {Options.CloseTimeout.TotalSeconds} s", cause), now);
            return;
        }

        _isUrgent |= now >= _heldBackUntil;
        if (EndReason is null)
        {
            Beat(now);
            Expire(_lingering, now);
            Expire(_stuck, now);
        }
    }

    private void Beat(long now)
    {
        if (_heartbeat.Due > now)
        {
            return;
        }

        bool heard = HasHeard;
        HasHeard = false;
        switch (_heartbeat.OnTimer(now, heard, out uint value))
        {
            case HeartbeatStep.Ping:
                AddPing(value);
                break;
            case HeartbeatStep.Dead:
                Abort(
                    new EndReason(
                        EndedBy.Link, ErrorCode.None, $"The remote did not answer a ping within {Options.KeepAliveTimeout.TotalSeconds} s"),
                    now);
                break;
        }

        if (_table.Count == 0)
        {
            _effects.Add(ConnectionEffects.Trim);
        }
    }

    private static void Expire(StreamList list, long now)
    {
        while (list.First is { } stream && stream.Place.Due <= now)
        {
            list.TakeFirst();
            stream.OnLingerTimeout(now);
        }
    }

    private static long DueOf(StreamList list) => list.First?.Place.Due ?? long.MaxValue;
}
