namespace Libp2p.Limits;

/// <summary>The scopes of one kind that come and go with their users, by key: each is made for its first user and forgotten after its last.</summary>
/// <param name="create">Makes the scope of a key.</param>
internal sealed class ScopeTable<TKey, TScope>(Func<TKey, TScope> create)
    where TKey : notnull
    where TScope : class
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, Entry> _scopes = [];

    /// <summary>Becomes a user of the scope.</summary>
    public TScope Enter(TKey key)
    {
        lock (_lock)
        {
            if (!_scopes.TryGetValue(key, out Entry? entry))
            {
                _scopes[key] = entry = new Entry(create(key));
            }

            entry.Users++;
            return entry.Scope;
        }
    }

    /// <summary>Is a user no more.</summary>
    public void Leave(TKey key)
    {
        lock (_lock)
        {
            if (_scopes.TryGetValue(key, out Entry? entry) && --entry.Users == 0)
            {
                _scopes.Remove(key);
            }
        }
    }

    /// <summary>The scope, while it has a user.</summary>
    public TScope? Find(TKey key)
    {
        lock (_lock)
        {
            return _scopes.GetValueOrDefault(key)?.Scope;
        }
    }

    /// <summary>All scopes that have users, in no order.</summary>
    public IReadOnlyList<TScope> Snapshot()
    {
        lock (_lock)
        {
            return [.. _scopes.Values.Select(entry => entry.Scope)];
        }
    }

    private sealed class Entry(TScope scope)
    {
        public TScope Scope => scope;

        public int Users { get; set; }
    }
}
