using System.ComponentModel;

namespace Libp2p.Scheduling;

/// <summary>
/// Arithmetic of timestamps and spans that holds for every span: what cannot be counted is never due, and no timer is asked for more than
/// it can wait.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Timestamps
{
    /// <summary>The timestamp that never comes.</summary>
    public const long Never = long.MaxValue;

    private const long Far = 1L << 50;

    /// <summary>The longest time that a timer of the platform waits: 49.7 days.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    /// <summary>The timestamp so long after another; <see cref="Never"/> where that cannot be counted, and for <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    /// <param name="since">The other timestamp.</param>
    /// <param name="span">The time after it; a negative one counts as none.</param>
    /// <param name="frequency">Timestamps a second (<see cref="TimeProvider.TimestampFrequency"/>).</param>
    public static long After(long since, TimeSpan span, long frequency)
    {
        if (span == Timeout.InfiniteTimeSpan)
        {
            return Never;
        }

        long factor = frequency / TimeSpan.TicksPerSecond;
        if (factor * TimeSpan.TicksPerSecond == frequency && factor <= 1000 && span.Ticks is >= 0 and < Far && since < Never / 2)
        {
            return since + (span.Ticks * factor); // what nearly all times are
        }

        Int128 due = since + (((Int128)Math.Max(span.Ticks, 0) * frequency) + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond; // not early
        return due >= Never ? Never : (long)due;
    }

    /// <summary>The timestamp so long after now; <see cref="Never"/> as above.</summary>
    public static long After(this TimeProvider time, TimeSpan span) => After(time.GetTimestamp(), span, time.TimestampFrequency);

    /// <summary>
    /// What a timer is set to that is to fire at a timestamp: not below zero, not above <see cref="LongestWait"/>, after which it is set
    /// again, and infinite for <see cref="Never"/>.
    /// </summary>
    public static TimeSpan WaitUntil(this TimeProvider time, long due)
    {
        if (due == Never)
        {
            return Timeout.InfiniteTimeSpan;
        }

        TimeSpan rest = time.GetElapsedTime(time.GetTimestamp(), due);
        return rest <= TimeSpan.Zero ? TimeSpan.Zero : rest < LongestWait ? rest : LongestWait;
    }

    /// <summary>
    /// A timer that is not set, and that keeps nothing of its maker's context: what is ambient there is neither seen by the callback nor
    /// held by the timer.
    /// </summary>
    public static ITimer CreateTimer(this TimeProvider time, TimerCallback callback, object? state)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return time.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        using (ExecutionContext.SuppressFlow())
        {
            return time.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
