namespace Libp2p.TestKit.Scheduling;

/// <summary>
/// A clock that a test moves by hand. Timers fire inside <see cref="Advance"/>, on the calling thread, by due time, then by creation,
/// each at its own time. It accepts and refuses the same times as the system's timer. Thread-safe. The local zone is UTC.
/// </summary>
/// <param name="start">The first moment; by default the first day of 2025.</param>
public sealed class ManualClock(DateTimeOffset? start = null) : TimeProvider
{
    private readonly VirtualClock _clock = new(start ?? VirtualClock.DefaultStart);
    private long _wallClockError; // ticks by which the time of day differs from the timestamps

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Time since the first moment, which steps of the time of day do not change.</summary>
    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>Timers that have not been disposed of, armed or not.</summary>
    public int TimerCount => _clock.Count;

    /// <summary>Timers that are armed.</summary>
    public int PendingTimerCount => _clock.PendingCount;

    /// <summary>The time until the next timer is due; null without an armed one.</summary>
    public TimeSpan? NextDue => _clock.NextDue is { } due ? TimeSpan.FromTicks(due - _clock.Now) : null;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _clock.UtcNow + TimeSpan.FromTicks(Interlocked.Read(ref _wallClockError));

    /// <inheritdoc/>
    public override long GetTimestamp() => _clock.Now;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _clock.Create(callback, state, dueTime, period);

    /// <summary>
    /// Moves time forward and fires what becomes due on the way, timers that callbacks arm included. What a callback throws ends
    /// the advance at its time.
    /// </summary>
    /// <param name="by">Not negative; zero fires what is due now.</param>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        long end = _clock.Now + by.Ticks;
        while (_clock.TakeDue(end) is { } timer)
        {
            timer.Fire();
        }

        _clock.AdvanceTo(end);
    }

    /// <summary>
    /// Steps the time of day, as an operator or NTP does. Timestamps and timers go on as if nothing had happened.
    /// </summary>
    /// <param name="by">Negative: back.</param>
    public void StepTimeOfDay(TimeSpan by) => Interlocked.Add(ref _wallClockError, by.Ticks);
}
