namespace Libp2p.Muxers.Yamux;

/// <summary>
/// Pings: one outstanding at a time, sent when nothing was heard for the interval or when a round trip is to be measured. Times
/// are timestamps; it owns no clock and no timer.
/// </summary>
/// <remarks>
/// A remote that answers no ping but sends otherwise is alive: its pong may stand behind much data. It gets the timeout again, up to
/// <see cref="MaxExtensions"/> times.
/// </remarks>
internal struct Heartbeat
{
    /// <summary>How often a missing pong is excused by other frames.</summary>
    public const int MaxExtensions = 3;

    private readonly long _interval;
    private readonly long _timeout;
    private uint _value;
    private long _sentAt;
    private int _extensions;

    /// <summary>A heart that beats from now on.</summary>
    /// <param name="interval">Silence before a ping; <see cref="long.MaxValue"/>: only measurements ping.</param>
    /// <param name="timeout">How long a pong may take.</param>
    /// <param name="now">The time.</param>
    public Heartbeat(long interval, long timeout, long now)
    {
        _interval = interval;
        _timeout = timeout;
        Due = After(now, interval);
    }

    /// <summary>When <see cref="OnTimer"/> is to be called.</summary>
    public long Due { get; private set; }

    /// <summary>Whether a ping is unanswered.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>The smoothed round trip; 0 while it is unknown.</summary>
    public long RoundTrip { get; private set; }

    /// <summary>Begins a ping, unless one is unanswered.</summary>
    public bool TryBegin(long now, out uint value)
    {
        value = _value;
        if (IsWaiting)
        {
            return false;
        }

        value = ++_value;
        IsWaiting = true;
        _sentAt = now;
        _extensions = 0;
        Due = After(now, _timeout);
        return true;
    }

    /// <summary>Takes a pong; one that nobody asked for is ignored.</summary>
    public bool OnPong(uint value, long now)
    {
        if (!IsWaiting || value != _value)
        {
            return false;
        }

        IsWaiting = false;
        long sample = Math.Max(1, now - _sentAt);
        RoundTrip = RoundTrip == 0 ? sample : ((3 * RoundTrip) + sample) / 4;
        Due = After(now, _interval);
        return true;
    }

    /// <summary>Called when <see cref="Due"/> has come.</summary>
    /// <param name="now">The time.</param>
    /// <param name="heard">Whether anything came since the last call and since the ping.</param>
    /// <param name="value">The ping to send.</param>
    public HeartbeatStep OnTimer(long now, bool heard, out uint value)
    {
        value = _value;
        if (!IsWaiting)
        {
            if (heard)
            {
                Due = After(now, _interval);
                return HeartbeatStep.None;
            }

            TryBegin(now, out value);
            return HeartbeatStep.Ping;
        }

        if (!heard || _extensions == MaxExtensions)
        {
            return HeartbeatStep.Dead;
        }

        _extensions++;
        Due = After(now, _timeout);
        return HeartbeatStep.None;
    }

    /// <summary>A time from now; never, for a span that the clock cannot hold.</summary>
    public static long After(long now, long span) => span >= long.MaxValue - now ? long.MaxValue : now + span;
}

/// <summary>What a <see cref="Heartbeat"/> wants.</summary>
internal enum HeartbeatStep
{
    /// <summary>To be called again.</summary>
    None,

    /// <summary>A ping is to be sent.</summary>
    Ping,

    /// <summary>The remote is gone.</summary>
    Dead,
}
