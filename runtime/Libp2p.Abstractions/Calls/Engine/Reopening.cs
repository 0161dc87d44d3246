using Libp2p.Scheduling;

namespace Libp2p;

/// <summary>
/// When a long-lived stream that broke is opened again: after 0.1 s, twice as long after each further failure up to 10 s, each time
/// half of it by chance. After eight failures in a row nobody is there; a stream that lived for 10 s was none.
/// </summary>
internal sealed class Reopening(IRandomSource random)
{
    /// <summary>Failures in a row after which the stream is given up.</summary>
    public const int MaxAttempts = 8;

    /// <summary>How long a stream lives that is counted as no failure.</summary>
    public static readonly TimeSpan Settled = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);
    private int _failures;

    /// <summary>A stream broke that had lived for so long.</summary>
    public void OnBroken(TimeSpan lived)
    {
        if (lived >= Settled)
        {
            _failures = 0;
        }
    }

    /// <summary>The time to wait before the next attempt, or false when there is none.</summary>
    public bool TryNext(out TimeSpan delay)
    {
        if (_failures == MaxAttempts)
        {
            delay = default;
            return false;
        }

        TimeSpan whole = TimeSpan.FromTicks(Math.Min(s_first.Ticks << _failures, s_longest.Ticks));
        int half = (int)(whole.TotalMilliseconds / 2);
        delay = TimeSpan.FromMilliseconds(half + random.Next(half + 1));
        _failures++;
        return true;
    }
}
