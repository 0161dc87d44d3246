namespace Libp2p.TestKit.Scheduling;

/// <summary>
/// A timer on a <see cref="VirtualClock"/>. It takes the same arguments, and refuses the same ones, as the system's timer; unlike
/// that one it never fires after it was disposed of or changed.
/// </summary>
internal sealed class VirtualTimer(VirtualClock clock, long id, TimerCallback callback, object? state) : ITimer
{
    private const long MaxMilliseconds = 0xFFFF_FFFE; // the bound of System.Threading.Timer, 49.7 days

    private readonly ExecutionContext? _context = ExecutionContext.Capture();

    public static IComparer<VirtualTimer> FiringOrder { get; } = Comparer<VirtualTimer>.Create(static (left, right) =>
        left.Due != right.Due ? left.Due.CompareTo(right.Due) : left.Id.CompareTo(right.Id));

    public long Id { get; } = id;

    public Delegate Callback => callback;

    public object? State => state;

    /// <summary>When it fires next. Written by the clock, under its lock.</summary>
    public long Due { get; set; }

    /// <summary>Ticks between firings, or null. Written by the clock, under its lock.</summary>
    public long? Period { get; set; }

    /// <summary>Written by the clock, under its lock.</summary>
    public bool IsDisposed { get; set; }

    public void Fire()
    {
        if (_context is null)
        {
            callback(state); // created while the flow was suppressed
            return;
        }

        ExecutionContext.Run(_context, static self => ((VirtualTimer)self!).Invoke(), this);
    }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        long? delay = Ticks(dueTime, nameof(dueTime));
        long? interval = Ticks(period, nameof(period));
        return clock.Arm(this, delay, interval == 0 ? null : interval); // a period of zero fires once, as the system's does
    }

    public void Dispose() => clock.Dispose(this);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private void Invoke() => callback(state);

    private static long? Ticks(TimeSpan span, string name)
    {
        if (span == Timeout.InfiniteTimeSpan)
        {
            return null;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(span, TimeSpan.FromMilliseconds(MaxMilliseconds), name);
        return span.Ticks;
    }
}
