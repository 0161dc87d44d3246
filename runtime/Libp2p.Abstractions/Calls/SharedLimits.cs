namespace Libp2p;

/// <summary>The bounds of a stream that may still be for any of several operations: the widest of theirs.</summary>
internal static class SharedLimits
{
    /// <param name="limits">The bounds of each operation.</param>
    /// <param name="isReused">
    /// Whether a stream carries one operation after another, and so takes a place of each as long as it lives. Otherwise the operations
    /// count their own, and all of them together are the bound on the id, with room for one more where it may turn out to replace another.
    /// </param>
    public static OperationLimits Of(IReadOnlyList<OperationLimits> limits, bool isReused) => new()
    {
        MaxRequest = limits.Max(one => one.MaxRequest),
        MaxResponse = limits.Max(one => one.MaxResponse),
        MaxElements = limits.Max(one => one.MaxElements),
        Exchange = Longest(limits.Select(one => one.Exchange)),
        Read = Longest(limits.Select(one => one.Read)),
        Idle = limits.Any(one => one.Idle == Timeout.InfiniteTimeSpan) ? Timeout.InfiniteTimeSpan : Longest(limits.Select(one => one.Idle)),
        InboundPerPeer = isReused ? limits.Min(one => one.InboundPerPeer) : OperationPlaces.InboundTogether(limits),
        OutboundPerPeer = limits.Max(one => one.OutboundPerPeer),
        WhenFull = limits.Select(one => one.WhenFull).Distinct().Count() == 1 ? limits[0].WhenFull : WhenFull.Default,
    };

    /// <summary>The longest time; null, which is none, is longer than any.</summary>
    private static TimeSpan? Longest(IEnumerable<TimeSpan?> times) =>
        times.Aggregate((longest, next) => longest is null || next is null ? null : longest > next ? longest : next);
}
