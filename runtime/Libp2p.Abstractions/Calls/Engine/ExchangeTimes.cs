using Libp2p.Scheduling;

namespace Libp2p;

/// <summary>
/// The times of one exchange: what happens and when goes in, and what is due next comes out. It holds no clock, timer or lock. One of its
/// times is over when <see cref="Next"/> lies in the past.
/// </summary>
/// <remarks>A message's arrival and departure may be told by two threads at once; <see cref="Next"/> may be asked by a third.</remarks>
/// <param name="now">The timestamp at which the exchange begins.</param>
/// <param name="frequency">Timestamps a second.</param>
internal struct ExchangeTimes(long now, long frequency)
{
    private const long NotReading = -1;

    private long _started = now;
    private long _lastMessage = now;
    private long _readingSince = NotReading; // the rest of a message is waited for
    private long _readBefore; // how long it was waited for earlier
    private bool _isPaused;

    /// <summary>Whether the exchange is over and the next one of the stream has not begun.</summary>
    public readonly bool IsPaused => _isPaused;

    /// <summary>Whether the rest of a message is waited for.</summary>
    public readonly bool IsReading => Volatile.Read(in _readingSince) != NotReading;

    /// <summary>The time as a whole begins anew.</summary>
    public void Restart(long now) => _started = now;

    /// <summary>A message has begun to arrive, and its rest is waited for: its time runs.</summary>
    public void StartReading(long now) => Volatile.Write(ref _readingSince, now);

    /// <summary>It is there, or nothing waits for it any more: its time stands still, and the time between messages goes on.</summary>
    public void StopReading(long now)
    {
        long waited = now - Volatile.Read(ref _readingSince);
        _readBefore += waited;
        Volatile.Write(ref _lastMessage, Math.Min(now, Volatile.Read(ref _lastMessage) + waited));
        Volatile.Write(ref _readingSince, NotReading);
    }

    /// <summary>A message arrived: the next one has its full time.</summary>
    public void Received() => _readBefore = 0;

    /// <summary>Something passed: the time without a message begins anew.</summary>
    public void Touch(long now) => Volatile.Write(ref _lastMessage, now);

    /// <summary>The exchange is over, and the next one of the stream has not begun: only the time without a message runs.</summary>
    public void BeginPause(long now)
    {
        _isPaused = true;
        Touch(now);
    }

    /// <summary>The next exchange of the stream begins with its full time.</summary>
    public void EndPause(long now)
    {
        _started = now;
        Touch(now);
        _isPaused = false;
    }

    /// <summary>The first of the times that will be over; null where none runs.</summary>
    /// <param name="limits">The bounds in force.</param>
    /// <param name="total">The bound of the exchange as a whole; null: none.</param>
    /// <param name="whole">What that bounds, as exceptions say it.</param>
    public readonly DueTime? Next(OperationLimits limits, TimeSpan? total, string whole = "the exchange")
    {
        if (_isPaused)
        {
            return EndOf(limits.Idle ?? limits.Exchange, Volatile.Read(in _lastMessage), "no further request", "for");
        }

        long readingSince = Volatile.Read(in _readingSince);
        return Earlier(
            EndOf(total, _started, whole, "took longer than"),
            readingSince == NotReading
                ? EndOf(limits.Idle, Volatile.Read(in _lastMessage), "no message", "for")
                : EndOf(limits.Read, readingSince - _readBefore, "a message", "took longer to arrive than"));
    }

    private readonly DueTime? EndOf(TimeSpan? limit, long since, string what, string how) =>
        limit is { } bound && Timestamps.After(since, bound, frequency) is not Timestamps.Never and long at ? new DueTime(at, bound, what, how) : null;

    private static DueTime? Earlier(DueTime? a, DueTime? b) => a is null || b?.At < a.Value.At ? b : a;
}

/// <summary>When a time is over.</summary>
/// <param name="At">The timestamp.</param>
/// <param name="Limit">How long it is.</param>
/// <param name="What">What it bounds.</param>
/// <param name="How">How exceptions say that it is over, before the limit.</param>
internal readonly record struct DueTime(long At, TimeSpan Limit, string What, string How)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{What} {How} {Limit.TotalSeconds} s");
}
