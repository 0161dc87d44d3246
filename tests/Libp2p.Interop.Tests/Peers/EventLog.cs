namespace Libp2p.Interop.Peers;

/// <summary>All that a peer said, and who waits for more. Thread-safe.</summary>
internal sealed class EventLog
{
    private readonly Lock _lock = new();
    private readonly List<PeerEvent> _events = [];
    private readonly List<(Func<PeerEvent, bool> Matches, TaskCompletionSource<PeerEvent> Found)> _waiters = [];
    private Exception? _end;

    public IReadOnlyList<PeerEvent> Events
    {
        get
        {
            lock (_lock)
            {
                return [.. _events];
            }
        }
    }

    public void Add(PeerEvent happened)
    {
        lock (_lock)
        {
            _events.Add(happened);
            foreach ((_, TaskCompletionSource<PeerEvent> found) in _waiters.Where(waiter => waiter.Matches(happened)))
            {
                found.SetResult(happened);
            }

            _waiters.RemoveAll(waiter => waiter.Found.Task.IsCompleted);
        }
    }

    /// <summary>Nothing more will come: those who wait wait in vain.</summary>
    public void End(Exception cause)
    {
        lock (_lock)
        {
            _end = cause;
            foreach ((_, TaskCompletionSource<PeerEvent> found) in _waiters)
            {
                found.SetException(cause);
            }

            _waiters.Clear();
        }
    }

    /// <summary>The first event that matches, of those that were and those to come, from number <paramref name="after"/> on.</summary>
    public Task<PeerEvent> FirstAsync(Func<PeerEvent, bool> matches, int after = 0)
    {
        lock (_lock)
        {
            if (_events.Skip(after).FirstOrDefault(matches) is { } seen)
            {
                return Task.FromResult(seen);
            }

            if (_end is not null)
            {
                return Task.FromException<PeerEvent>(_end);
            }

            TaskCompletionSource<PeerEvent> found = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((matches, found));
            return found.Task;
        }
    }
}
