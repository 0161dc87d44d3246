using Libp2p.Connections;

namespace Libp2p.Limits;

/// <summary>
/// A bounded count of what either side opens, with one ceiling for both. Thread-safe, without a lock: what is just being taken or given
/// back may be missing in <see cref="Inbound"/> while it is in the whole, and the other way round.
/// </summary>
internal sealed class DirectedCounter(long limit) : Counter(limit)
{
    private int _inbound;

    /// <summary>What remotes opened.</summary>
    public int Inbound => Volatile.Read(ref _inbound);

    /// <summary>Takes one; false where as much is taken as may be.</summary>
    public bool TryTake(Direction direction)
    {
        bool isTaken = TryTake();
        if (isTaken && direction == Direction.Inbound)
        {
            Interlocked.Increment(ref _inbound);
        }

        return isTaken;
    }

    /// <summary>Gives one back.</summary>
    public void GiveBack(Direction direction)
    {
        if (direction == Direction.Inbound)
        {
            Interlocked.Decrement(ref _inbound);
        }

        GiveBack();
    }
}
