namespace Libp2p.Muxers.Yamux;

/// <summary>
/// Counts how often something happens against a <see cref="RateLimit"/>. Tokens are earned only when it runs dry, so counting costs
/// next to nothing; the price is that a burst may be twice as long as configured. It owns no clock.
/// </summary>
/// <param name="limit">The limit.</param>
/// <param name="frequency">Timestamp units in a second.</param>
/// <param name="now">The time.</param>
internal struct TokenBucket(RateLimit limit, long frequency, long now)
{
    private double _tokens = limit.Burst;
    private long _filledAt = now;

    /// <summary>Takes a token; false when it happens too often.</summary>
    public bool TryTake(long now)
    {
        if (_tokens < 1)
        {
            double earned = (double)(now - _filledAt) / frequency * limit.PerSecond;
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
