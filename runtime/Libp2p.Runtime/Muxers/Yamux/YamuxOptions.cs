namespace Libp2p.Muxers.Yamux;

/// <summary>The bounds of Yamux sessions. Immutable; checked when a <see cref="YamuxMuxer"/> is made.</summary>
public sealed record YamuxOptions
{
    /// <summary>The window each stream begins with in the protocol.</summary>
    public const int ProtocolWindow = 256 * 1024;

    /// <summary>What suits most nodes.</summary>
    public static readonly YamuxOptions Default = new();

    /// <summary>Bytes the remote may send on a new stream; at least <see cref="ProtocolWindow"/>.</summary>
    public int InitialWindow { get; init; } = ProtocolWindow;

    /// <summary>The window up to which a stream with a fast reader grows, as memory allows.</summary>
    public int MaxWindow { get; init; } = 16 * 1024 * 1024;

    /// <summary>By how much all windows of one connection together may grow beyond the initial one.</summary>
    public long MaxWindowGrowth { get; init; } = 64L * 1024 * 1024;

    /// <summary>The largest body of a frame that is sent; at most 1 MiB, which is what rust accepts.</summary>
    public int MaxFrameBody { get; init; } = 64 * 1024;

    /// <summary>Flushed bytes that may wait in one stream's send queue; then a flush waits.</summary>
    public int SendQueue { get; init; } = 256 * 1024;

    /// <summary>
    /// Bytes that all streams of one connection together may have queued to send, each beyond its first 4 KiB, as far as the connection's
    /// and the node's ceilings of memory allow. Then bytes are written 4 KiB at a time, each waiting until the remote took those before,
    /// and a larger message that is made in one piece fails with <see cref="LimitExceededException"/>.
    /// </summary>
    public long MaxQueued { get; init; } = 32L * 1024 * 1024;

    /// <summary>Opened streams that the remote may leave unacknowledged; then opening waits, also where as many are open as may.</summary>
    public int AckBacklog { get; init; } = 256;

    /// <summary>Streams of the remote that may be open; the next one is reset.</summary>
    public int MaxInboundStreams { get; init; } = 1000;

    /// <summary>Streams of ours that may be open; the next one fails. rust ends a connection at 512, both directions together.</summary>
    public int MaxOutboundStreams { get; init; } = 256;

    /// <summary>Streams of the remote that may wait to be accepted; the next one is reset.</summary>
    public int AcceptQueue { get; init; } = 256;

    /// <summary>
    /// A ping is sent after so much silence, at the latest after twice as much; <see cref="Timeout.InfiniteTimeSpan"/>: only to measure
    /// the round trip. Here and below: above 0, and as long as one likes.
    /// </summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Silence after a ping that ends the connection; <see cref="Timeout.InfiniteTimeSpan"/>: none does.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long an orderly end of the connection may take, GoAway to the end of the link; <see cref="Timeout.InfiniteTimeSpan"/>: as long
    /// as the remote takes.
    /// </summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the remote may keep a stream open that we have finished with; then it is reset. Until then it may send what its window
    /// holds, for nothing: an RST at once would make it lose what we sent last, which it may not have read.
    /// <see cref="Timeout.InfiniteTimeSpan"/>: it is never reset.
    /// </summary>
    public TimeSpan StreamCloseTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The same for a remote that waits for credit on such a stream, and so may not come to reading our end of it.</summary>
    public TimeSpan StuckStreamTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Streams that the remote opens and resets, or that are refused. Calls that are given up are such streams, so the rate is above what
    /// an honest client comes to, and the load of a flood is bounded by it and by <see cref="MaxInboundStreams"/>.
    /// </summary>
    public RateLimit Resets { get; init; } = new(Burst: 20_000, PerSecond: 5_000);

    /// <summary>
    /// Frames that carry fewer than 16 bytes, change nothing, or belong to no stream. More than an exchange of single bytes in memory
    /// needs, and little enough that a flood costs a fraction of a core.
    /// </summary>
    public RateLimit TinyFrames { get; init; } = new(Burst: 1_000_000, PerSecond: 500_000);

    /// <summary>Pings of the remote. Others ping twice a minute, or once for each window that grows.</summary>
    public RateLimit Pings { get; init; } = new(Burst: 1_000, PerSecond: 100);

    /// <summary>The same options, if they make sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One of them does not.</exception>
    internal YamuxOptions Checked()
    {
        Between(InitialWindow, ProtocolWindow, MaxWindow, nameof(InitialWindow));
        Between(MaxFrameBody, 1, 1024 * 1024, nameof(MaxFrameBody));
        Between(SendQueue, 1, int.MaxValue, nameof(SendQueue));
        Between(AckBacklog, 1, int.MaxValue, nameof(AckBacklog));
        Between(MaxInboundStreams, 0, int.MaxValue, nameof(MaxInboundStreams));
        Between(MaxOutboundStreams, 0, int.MaxValue, nameof(MaxOutboundStreams));
        Between(AcceptQueue, 1, int.MaxValue, nameof(AcceptQueue));
        ArgumentOutOfRangeException.ThrowIfNegative(MaxWindowGrowth);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxQueued);
        Positive(KeepAliveInterval, nameof(KeepAliveInterval));
        Positive(KeepAliveTimeout, nameof(KeepAliveTimeout));
        Positive(CloseTimeout, nameof(CloseTimeout));
        Positive(StreamCloseTimeout, nameof(StreamCloseTimeout));
        Positive(StuckStreamTimeout, nameof(StuckStreamTimeout));
        NotNegative(Resets, nameof(Resets));
        NotNegative(TinyFrames, nameof(TinyFrames));
        NotNegative(Pings, nameof(Pings));
        return this;
    }

    private static void Between(int value, int least, int most, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most, name);
    }

    private static void Positive(TimeSpan value, string name)
    {
        if (value != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, name);
        }
    }

    private static void NotNegative(RateLimit limit, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit.Burst, name);
        ArgumentOutOfRangeException.ThrowIfNegative(limit.PerSecond, name);
    }
}

/// <summary>How often something may happen.</summary>
/// <param name="Burst">So many at once.</param>
/// <param name="PerSecond">So many a second from then on.</param>
public readonly record struct RateLimit(int Burst, int PerSecond);
