namespace Libp2p.TestKit.Scheduling;

/// <summary>
/// A clock that stands still until it is told the time, and its pending timers in the order in which they fire: by due time, then
/// by creation. Thread-safe; callbacks run outside its lock, wherever the caller runs them.
/// </summary>
internal sealed class VirtualClock(DateTimeOffset start)
{
    private readonly Lock _lock = new();
    private readonly SortedSet<VirtualTimer> _pending = new(VirtualTimer.FiringOrder);
    private long _now = start.UtcTicks;
    private long _created;
    private int _count;

    /// <summary>The first moment of a clock for which none is given.</summary>
    public static DateTimeOffset DefaultStart { get; } = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Ticks since the year 1, in UTC: the time of day and the timestamp are one number.</summary>
    public long Now => Interlocked.Read(ref _now);

    public DateTimeOffset UtcNow => new(Now, TimeSpan.Zero);

    public TimeSpan Elapsed => TimeSpan.FromTicks(Now - start.UtcTicks);

    /// <summary>Timers that have not been disposed of, armed or not.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Timers that are armed.</summary>
    public int PendingCount
    {
        get
        {
            lock (_lock)
            {
                return _pending.Count;
            }
        }
    }

    /// <summary>When the next timer is due; null without timers.</summary>
    public long? NextDue
    {
        get
        {
            lock (_lock)
            {
                return _pending.Min?.Due;
            }
        }
    }

    public ITimer Create(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        VirtualTimer timer = new(this, Interlocked.Increment(ref _created), callback, state);
        timer.Change(dueTime, period); // throws for times that the system's timer refuses
        Interlocked.Increment(ref _count);
        return timer;
    }

    public void AdvanceTo(long now)
    {
        lock (_lock)
        {
            _now = Math.Max(_now, now);
        }
    }

    /// <summary>Takes the next timer that is due by a time, to which the clock moves; a periodic one is armed again before it fires.</summary>
    /// <param name="until">Null: what is due now.</param>
    public VirtualTimer? TakeDue(long? until = null)
    {
        lock (_lock)
        {
            VirtualTimer? next = _pending.Min;
            if (next is null || next.Due > (until ?? _now))
            {
                return null;
            }

            _now = Math.Max(_now, next.Due);
            _pending.Remove(next);
            if (next.Period is { } period)
            {
                next.Due += period;
                _pending.Add(next);
            }

            return next;
        }
    }

    /// <summary>Arms a timer anew.</summary>
    /// <param name="timer">The timer.</param>
    /// <param name="delay">Ticks from now; null: never.</param>
    /// <param name="period">Ticks between firings; null: once.</param>
    /// <returns>False for a timer that was disposed of.</returns>
    public bool Arm(VirtualTimer timer, long? delay, long? period)
    {
        lock (_lock)
        {
            if (timer.IsDisposed)
            {
                return false;
            }

            _pending.Remove(timer); // before Due changes: it is the sort key
            if (delay is { } ticks)
            {
                timer.Due = _now + ticks;
                timer.Period = period;
                _pending.Add(timer);
            }

            return true;
        }
    }

    public void Dispose(VirtualTimer timer)
    {
        lock (_lock)
        {
            if (!timer.IsDisposed)
            {
                timer.IsDisposed = true;
                _pending.Remove(timer);
                Interlocked.Decrement(ref _count);
            }
        }
    }

    /// <summary>The pending timers, for a report.</summary>
    public VirtualTimer[] Pending()
    {
        lock (_lock)
        {
            return [.. _pending];
        }
    }
}
