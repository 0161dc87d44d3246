namespace Libp2p.Limits;

/// <summary>A bounded count that many threads take from, until it is closed.</summary>
internal class Counter(long limit)
{
    private const long Closed = -1;

    private long _taken;

    public long Taken => Math.Max(0, Volatile.Read(ref _taken));

    public long Limit => limit;

    public bool TryTake(long amount = 1) => TryTake(amount, limit);

    /// <summary>Takes up to a limit that may have changed.</summary>
    public bool TryTake(long amount, long limit)
    {
        long taken = Volatile.Read(ref _taken);
        while (taken != Closed && amount <= limit - taken)
        {
            long seen = Interlocked.CompareExchange(ref _taken, taken + amount, taken);
            if (seen == taken)
            {
                return true;
            }

            taken = seen;
        }

        return false;
    }

    /// <summary>Gives back what was taken; false when <see cref="Close"/> has done so.</summary>
    public bool GiveBack(long amount = 1)
    {
        long taken = Volatile.Read(ref _taken);
        while (taken != Closed)
        {
            long seen = Interlocked.CompareExchange(ref _taken, taken - amount, taken);
            if (seen == taken)
            {
                return true;
            }

            taken = seen;
        }

        return false;
    }

    /// <summary>Takes no more, and tells what was taken until now, once.</summary>
    public long Close() => Math.Max(0, Interlocked.Exchange(ref _taken, Closed));
}
