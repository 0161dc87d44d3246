namespace Libp2p;

/// <summary>
/// Numbers a peer's records so that a later one always wins, also after a restart: the clock in nanoseconds since 1970, as go-libp2p
/// counts, and never the same number twice. Thread-safe.
/// </summary>
/// <param name="time">The node's clock.</param>
public sealed class PeerRecordSequence(TimeProvider time)
{
    private const long NanosecondsPerTick = 1_000_000 / TimeSpan.TicksPerMillisecond;

    private long _last;

    /// <summary>The next number: the time, or one more than the last number where the clock stood still or went back.</summary>
    public ulong Next()
    {
        // A wall clock may say anything: before 1970, and after 2262, where nanoseconds no longer fit.
        long ticks = Math.Clamp((time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks, 0, (long.MaxValue / NanosecondsPerTick) - 1);
        long now = ticks * NanosecondsPerTick;
        long last, next;

        do
        {
            last = Volatile.Read(ref _last);
            next = Math.Max(now, last + 1);
        }
        while (Interlocked.CompareExchange(ref _last, next, last) != last);

        return (ulong)next;
    }
}
