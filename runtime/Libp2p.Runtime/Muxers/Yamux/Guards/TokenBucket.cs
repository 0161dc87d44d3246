namespace Libp2p.Muxers.Yamux;

/// <summary>
/// Counts how often something happens against a <see cref="RateLimit"/>. It looks at the clock only when it runs dry, so counting
/// costs next to nothing; the price is that a burst may be twice as long as configured.
/// </summary>
internal struct TokenBucket(RateLimit limit, TimeProvider time)
{
    private double _tokens = limit.Burst;
    private long _filledAt = time.GetTimestamp();

    /// <summary>Takes a token; false when it happens too often.</summary>
    public bool TryTake()
    {
        if (_tokens < 1)
        {
            long now = time.GetTimestamp();
            double earned = time.GetElapsedTime(_filledAt, now).TotalSeconds * limit.PerSecond;
            if (_tokens + earned < 1)
            {
                return false;
            }

            _tokens = Math.Min(limit.Burst, _tokens + earned);
            _filledAt = now;
        }

        _tokens--;
        return true;
    }
}
