namespace Libp2p.Limits;

/// <summary>A bounded count that many threads take from.</summary>
internal sealed class Counter(long limit)
{
    private long _taken;

    public long Taken => Volatile.Read(ref _taken);

    public long Limit => limit;

    public bool TryTake(long amount = 1)
    {
        long taken = Volatile.Read(ref _taken);
        while (amount <= limit - taken)
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

    public void GiveBack(long amount = 1) => Interlocked.Add(ref _taken, -amount);
}
