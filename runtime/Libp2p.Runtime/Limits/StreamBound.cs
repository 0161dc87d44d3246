namespace Libp2p.Limits;

/// <summary>
/// The streams of one operation that a peer has in one direction, oldest first, and those that wait for a place. A pure table: whoever uses
/// it holds the lock of its <see cref="PeerScope"/>.
/// </summary>
/// <param name="key">What is counted.</param>
/// <param name="limit">Streams that may have a place.</param>
internal sealed class StreamBound(BoundKey key, int limit)
{
    private readonly LinkedList<StreamPlace> _waiting = new();
    private StreamPlace? _oldest;
    private StreamPlace? _newest;
    private int _open;

    public BoundKey Key => key;

    public bool IsFull => _open >= limit;

    public bool IsEmpty => _open == 0 && _waiting.Count == 0;

    public StreamBoundUsage Usage => new(key, key.Subject as ProtocolId ?? (_oldest ?? _waiting.First?.Value)?.Stream.Agreed, limit, _open, _waiting.Count);

    /// <summary>Takes a place if one is free, or if an older stream gives its own up: the oldest that is between two exchanges, else the oldest.</summary>
    public bool TryEnter(StreamPlace place, bool replacesOldest, out StreamPlace? replaced)
    {
        replaced = null;
        if (IsFull)
        {
            if (!replacesOldest || _oldest is null)
            {
                return false;
            }

            replaced = FindIdle() ?? _oldest;
            Remove(replaced);
        }

        Add(place);
        return true;
    }

    /// <summary>Queues for a place; the task completes when it is taken.</summary>
    public Task Wait(StreamPlace place)
    {
        place.Bound = this;
        place.Entering = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.AddLast(place);
        return place.Entering.Task;
    }

    /// <summary>Gives a place back, which the next that waits takes, or a place in the queue.</summary>
    public void Leave(StreamPlace place)
    {
        if (place.Entering is { } entering)
        {
            _waiting.Remove(place);
            (place.Entering, place.Bound) = (null, null);
            entering.TrySetCanceled();
            return;
        }

        Remove(place);
        if (!IsFull && _waiting.First is { Value: { } next })
        {
            _waiting.RemoveFirst();
            Add(next);
            next.Entering!.TrySetResult();
            next.Entering = null;
        }
    }

    private StreamPlace? FindIdle()
    {
        for (StreamPlace? place = _oldest; place is not null; place = place.Newer)
        {
            if (place.Stream.Stream is { IsBetweenExchanges: true })
            {
                return place;
            }
        }

        return null;
    }

    private void Add(StreamPlace place)
    {
        place.Bound = this;
        place.Older = _newest;
        _ = _newest is null ? _oldest = place : _newest.Newer = place;
        _newest = place;
        _open++;
    }

    private void Remove(StreamPlace place)
    {
        _ = place.Older is null ? _oldest = place.Newer : place.Older.Newer = place.Newer;
        _ = place.Newer is null ? _newest = place.Older : place.Newer.Older = place.Older;
        (place.Older, place.Newer, place.Bound) = (null, null, null);
        _open--;
    }
}
