namespace Libp2p.Scheduling;

/// <summary>
/// A time limit on a wait, on the node's clock, joined with the caller's token. Wait with <see cref="Token"/>, catch the
/// cancellation <c>when</c> <see cref="IsOver"/>, and throw <see cref="Exceeded"/>.
/// </summary>
public sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource? _source;
    private readonly CancellationToken _outer;
    private readonly CancellationTokenRegistration _registration;
    private readonly Alarm? _alarm;
    private readonly TimeSpan? _limit;

    private Deadline(TimeSpan? limit, TimeProvider time, CancellationToken outer)
    {
        _limit = limit;
        _outer = outer;
        if (limit is { } bound && bound != Timeout.InfiniteTimeSpan)
        {
            if (bound <= Timestamps.LongestWait)
            {
                _source = new CancellationTokenSource(bound > TimeSpan.Zero ? bound : TimeSpan.Zero, time);
            }
            else
            {
                _source = new CancellationTokenSource();
                _alarm = new Alarm(time, bound, static state => ((CancellationTokenSource)state!).Cancel(), _source);
            }

            _registration = outer.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _source);
        }
    }

    /// <summary>Starts the clock.</summary>
    /// <param name="limit">
    /// Time from now, however long; zero and below: it is over already. Null and <see cref="Timeout.InfiniteTimeSpan"/>: only the token ends
    /// the wait.
    /// </param>
    /// <param name="time">The node's clock.</param>
    /// <param name="outer">The caller's token.</param>
    public static Deadline Start(TimeSpan? limit, TimeProvider time, CancellationToken outer) => new(limit, time, outer);

    /// <summary>Cancelled when the time is over or the caller gave up.</summary>
    public CancellationToken Token => _source?.Token ?? _outer;

    /// <summary>Whether the time, and not the caller, ended the wait.</summary>
    public bool IsOver => _source is { IsCancellationRequested: true } && !_outer.IsCancellationRequested;

    /// <summary>The exception for a wait that the time ended.</summary>
    /// <param name="what">What took too long, as the subject of a sentence: "The Noise handshake".</param>
    /// <param name="cause">The cancellation that was caught.</param>
    public DeadlineExceededException Exceeded(string what, Exception? cause = null) =>
        new(FormattableString.Invariant($"{what} took longer than {_limit?.TotalSeconds} s"), cause);

    /// <summary>Stops the clock.</summary>
    public void Dispose()
    {
        _registration.Dispose();
        if (_alarm is null)
        {
            _source?.Dispose();
        }
        else
        {
            _alarm.Dispose(); // a ring that has begun still cancels the source, which has no timer to dispose of
        }
    }
}
