namespace Libp2p.Node.Peers;

/// <summary>
/// How long one source's word for an address counts: by the monotonic clock, and as a span, so that no lifetime overflows and a change
/// of the wall clock ends none. The default value is no word.
/// </summary>
/// <param name="Since">The timestamp from which it counts.</param>
/// <param name="Lifetime">How long; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
internal readonly record struct SourceWord(long Since, TimeSpan Lifetime)
{
    /// <summary>Whether the source said anything, which may have expired.</summary>
    public bool IsSpoken => Lifetime != TimeSpan.Zero;

    /// <summary>What is left of it; <see cref="TimeSpan.MaxValue"/> for ever, zero or less when it has expired.</summary>
    public TimeSpan Remaining(TimeProvider time, long now) =>
        Lifetime == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue
        : Lifetime == TimeSpan.Zero ? TimeSpan.Zero
        : Lifetime - time.GetElapsedTime(Since, now);

    /// <summary>The later to end of this and a new word.</summary>
    public SourceWord Or(SourceWord later, TimeProvider time) =>
        Remaining(time, later.Since) > later.Remaining(time, later.Since) ? this : later;
}
