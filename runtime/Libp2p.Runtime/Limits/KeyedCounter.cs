using System.Collections.Concurrent;

namespace Libp2p.Limits;

/// <summary>Bounded counts by key, which take no memory while they are 0.</summary>
internal sealed class KeyedCounter<TKey>
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, int> _taken = new();

    public bool TryTake(TKey key, int limit)
    {
        while (true)
        {
            int taken = _taken.GetValueOrDefault(key);
            if (taken >= limit)
            {
                return false;
            }

            if (taken == 0 ? _taken.TryAdd(key, 1) : _taken.TryUpdate(key, taken + 1, taken))
            {
                return true;
            }
        }
    }

    public void GiveBack(TKey key)
    {
        while (_taken.TryGetValue(key, out int taken))
        {
            if (taken == 1 ? _taken.TryRemove(new KeyValuePair<TKey, int>(key, 1)) : _taken.TryUpdate(key, taken - 1, taken))
            {
                return;
            }
        }
    }
}
