using Libp2p.TestKit.Scheduling;

namespace Libp2p.Simulation;

/// <summary>
/// The clock of a simulation. Time stands still while anything is ready and jumps to the next timer when nothing is, so a virtual
/// day costs what happens in it. Timers fire as steps of the scheduler, by due time, then by creation. The local zone is UTC.
/// </summary>
/// <remarks>The scheduler makes it: <see cref="SimulationScheduler.Time"/>. To move time by hand, take <see cref="ManualClock"/>.</remarks>
public sealed class VirtualTimeProvider : TimeProvider
{
    private readonly SimulationScheduler _scheduler;

    internal VirtualTimeProvider(SimulationScheduler scheduler, DateTimeOffset start)
    {
        _scheduler = scheduler;
        Clock = new VirtualClock(start);
    }

    /// <summary>Virtual time since the simulation began.</summary>
    public TimeSpan Elapsed => Clock.Elapsed;

    /// <summary>How many timers are armed: what a finished simulation may compare with its beginning.</summary>
    public int PendingTimerCount => Clock.PendingCount;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    internal VirtualClock Clock { get; }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        _scheduler.CheckThread("reads the clock");
        return Clock.UtcNow;
    }

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        _scheduler.CheckThread("reads the clock");
        return Clock.Now;
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _scheduler.CheckThread("starts a timer");
        return Clock.Create(callback, state, dueTime, period);
    }
}
