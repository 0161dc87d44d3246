namespace Libp2p.TestKit.Accounts;

/// <summary>Another clock, whose timers are counted from their making to their disposal. Thread-safe.</summary>
/// <param name="inner">Tells the time; null: the system's.</param>
public sealed class CountingTime(TimeProvider? inner = null) : TimeProvider
{
    private readonly TimeProvider _inner = inner ?? System;
    private int _timers;

    /// <summary>Timers that have not been disposed of, whether they have fired or not.</summary>
    public int Timers => Volatile.Read(ref _timers);

    public override long TimestampFrequency => _inner.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => _inner.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => _inner.GetUtcNow();

    public override long GetTimestamp() => _inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Interlocked.Increment(ref _timers);
        return new Counted(this, _inner.CreateTimer(callback, state, dueTime, period));
    }

    private sealed class Counted(CountingTime time, ITimer timer) : ITimer
    {
        private int _disposed;

        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose()
        {
            timer.Dispose();
            Forget();
        }

        public async ValueTask DisposeAsync()
        {
            await timer.DisposeAsync();
            Forget();
        }

        private void Forget()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                Interlocked.Decrement(ref time._timers);
            }
        }
    }
}
