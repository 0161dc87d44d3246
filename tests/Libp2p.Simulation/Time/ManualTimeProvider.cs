namespace Libp2p.Simulation;

/// <summary>
/// A clock that a test moves by hand, for units that need no simulation. Timers fire inside <see cref="Advance"/>, on the calling
/// thread, by due time, then by creation, each at its own time. Thread-safe. The local zone is UTC.
/// </summary>
/// <param name="start">The first moment; by default the first day of 2025.</param>
public sealed class ManualTimeProvider(DateTimeOffset? start = null) : TimeProvider
{
    private readonly VirtualClock _clock = new(start ?? SimulationOptions.DefaultStart);

    /// <summary>Time since the first moment.</summary>
    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>How many timers are armed.</summary>
    public int PendingTimerCount => _clock.PendingCount;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _clock.UtcNow;

    /// <inheritdoc/>
    public override long GetTimestamp() => _clock.Now;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _clock.Create(callback, state, dueTime, period);

    /// <summary>
    /// Moves time forward and fires what becomes due on the way, timers that callbacks arm included. What a callback throws ends
    /// the advance at its time.
    /// </summary>
    /// <param name="duration">Not negative; zero fires what is due now.</param>
    public void Advance(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        long end = _clock.Now + duration.Ticks;
        while (_clock.NextDue is { } due && due <= end)
        {
            _clock.AdvanceTo(due);
            _clock.TakeDue()?.Fire();
        }

        _clock.AdvanceTo(end);
    }
}
