using System.ComponentModel;

namespace Libp2p.Scheduling;

/// <summary>
/// Rings once, when a time is over, however long that is: a timer of the platform waits for 49.7 days at the most. It never rings early,
/// and not after its disposal but for a ring that has begun.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class Alarm : IDisposable
{
    private static readonly TimeSpan s_least = TimeSpan.FromMilliseconds(1); // what a timer counts in

    private readonly TimeProvider _time;
    private readonly Action<object?> _ring;
    private readonly object? _state;
    private readonly long _due;
    private readonly ITimer _timer;

    /// <summary>Starts the clock.</summary>
    /// <param name="time">The node's clock.</param>
    /// <param name="after">Time from now; zero and below: at once. <see cref="Timeout.InfiniteTimeSpan"/>: never.</param>
    /// <param name="ring">Called once, on the timer's thread; must not throw.</param>
    /// <param name="state">Its argument.</param>
    public Alarm(TimeProvider time, TimeSpan after, Action<object?> ring, object? state)
    {
        _time = time;
        _ring = ring;
        _state = state;
        _due = time.After(after);
        _timer = time.CreateTimer(static alarm => ((Alarm)alarm!).OnTimer(), this);
        _timer.Change(time.WaitUntil(_due), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Stops the clock. Idempotent.</summary>
    public void Dispose() => _timer.Dispose();

    private void OnTimer()
    {
        TimeSpan rest = _time.WaitUntil(_due);
        if (rest == TimeSpan.Zero)
        {
            _ring(_state);
        }
        else
        {
            _timer.Change(rest > s_least ? rest : s_least, Timeout.InfiniteTimeSpan);
        }
    }
}
