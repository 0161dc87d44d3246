namespace Libp2p.Muxers.Yamux;

/// <content>The session's one timer: keep-alive, streams that linger, the deadline of the end.</content>
internal sealed partial class YamuxConnection
{
    private static readonly TimeSpan s_roundTripAge = TimeSpan.FromSeconds(10);

    private readonly ITimer _timer;
    private Heartbeat _heartbeat;
    private long _deadline = long.MaxValue;
    private long _timerDue = long.MaxValue;
    private long _measureNext = long.MinValue;
    private long _roundTrip;

    /// <summary>The smoothed round trip in timestamp units; 0 while it is unknown.</summary>
    public long RoundTrip => Volatile.Read(ref _roundTrip);

    /// <summary>Has the round trip measured, if it was not of late. Windows ask when they are about to grow, so an idle session does not ping for it.</summary>
    public void MeasureRoundTrip(long now)
    {
        if (now < Volatile.Read(ref _measureNext))
        {
            return;
        }

        lock (_gate)
        {
            Volatile.Write(ref _measureNext, now + Ticks(s_roundTripAge));
            if (_end is not null || !_heartbeat.TryBegin(now, out uint value))
            {
                return;
            }

            _heard = false;
            SetTimer();
            SendPing(value);
        }
    }

    /// <summary>Takes a pong; false when nobody asked for it.</summary>
    public bool OnPong(uint value)
    {
        lock (_gate)
        {
            bool matches = _heartbeat.OnPong(value, Time.GetTimestamp());
            Volatile.Write(ref _roundTrip, _heartbeat.RoundTrip);
            return matches;
        }
    }

    /// <summary>The application has finished with a stream; the remote gets its time.</summary>
    public void Linger(YamuxStream stream)
    {
        lock (_gate)
        {
            if (_end is null && !stream.IsOut && stream.Place.List is null)
            {
                _lingering.Add(stream, Time.GetTimestamp() + Ticks(Options.StreamCloseTimeout));
                SetTimer();
            }
        }
    }

    /// <summary>The application has finished with a stream on which the remote waits for credit: its time is shorter.</summary>
    public void LingerStuck(YamuxStream stream)
    {
        lock (_gate)
        {
            if (_end is null && !stream.IsOut && stream.Place.List != _stuck)
            {
                StreamList.Remove(stream);
                _stuck.Add(stream, Time.GetTimestamp() + Ticks(Options.StuckStreamTimeout));
                SetTimer();
            }
        }
    }

    private void OnTimer()
    {
        List<YamuxStream>? expired = null;
        EndReason? dead = null;
        bool isOverdue;
        lock (_gate)
        {
            long now = Time.GetTimestamp();
            _timerDue = long.MaxValue;
            isOverdue = now >= _deadline;
            if (_end is null && !isOverdue)
            {
                dead = Beat(now);
                TakeExpired(_lingering, now, ref expired);
                TakeExpired(_stuck, now, ref expired);
            }

            if (!isOverdue)
            {
                SetTimer();
            }
        }

        foreach (YamuxStream stream in expired ?? [])
        {
            stream.OnLingerTimeout();
        }

        if (isOverdue || dead is not null)
        {
            Abort(dead ?? new EndReason(
                EndedBy.Link, ErrorCode.None, $"The link did not end within {Options.CloseTimeout.TotalSeconds} s", _writeFailure));
        }
    }

    private static void TakeExpired(StreamList list, long now, ref List<YamuxStream>? expired)
    {
        while (list.First is { } stream && stream.Place.Due <= now)
        {
            (expired ??= []).Add(list.TakeFirst()!);
        }
    }

    // Under the lock.
    private EndReason? Beat(long now)
    {
        if (_heartbeat.Due > now)
        {
            return null;
        }

        bool heard = _heard;
        _heard = false;
        switch (_heartbeat.OnTimer(now, heard, out uint value))
        {
            case HeartbeatStep.Ping:
                SendPing(value);
                return null;
            case HeartbeatStep.Dead:
                return new EndReason(
                    EndedBy.Link, ErrorCode.None, $"The remote did not answer a ping within {Options.KeepAliveTimeout.TotalSeconds} s");
            default:
                if (_table.Count == 0)
                {
                    Trim();
                }

                return null;
        }
    }

    private void SendPing(uint value)
    {
        if (_table.Count == 0)
        {
            Trim();
        }

        if (Outbox.AddPing(value))
        {
            Outbox.Wake();
        }
    }

    // An idle session keeps nothing of what it was.
    private void Trim()
    {
        _table.Trim();
        Outbox.Trim();
        Segments.Trim();
        Memory.Trim();
    }

    // Under the lock: has the timer fire when something is due.
    private void SetTimer()
    {
        long due = _deadline;
        if (_end is null)
        {
            due = Math.Min(due, Math.Min(_heartbeat.Due, Math.Min(DueOf(_lingering), DueOf(_stuck))));
        }

        if (due >= _timerDue)
        {
            return; // it fires earlier, and then looks again
        }

        _timerDue = due;
        TimeSpan wait = Time.GetElapsedTime(Time.GetTimestamp(), due);
        _timer.Change(wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : wait, Timeout.InfiniteTimeSpan);
    }

    private static long DueOf(StreamList list) => list.First?.Place.Due ?? long.MaxValue;

    private long Ticks(TimeSpan span) =>
        span == Timeout.InfiniteTimeSpan ? long.MaxValue : (long)(span.TotalSeconds * Time.TimestampFrequency);
}
