namespace Libp2p.Node.Streams;

/// <summary>Counts the streams of a connection, for those who wait until there are none. Thread-safe.</summary>
internal sealed class StreamCount
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _none;
    private int _open;

    /// <summary>A stream; disposing of the result ends it, once.</summary>
    public IDisposable Add()
    {
        lock (_lock)
        {
            _open++;
        }

        return new Share(this);
    }

    /// <summary>Completes when no stream is open. Async, so that cancelling the wait stays on the node's scheduler.</summary>
    public async Task NoneAsync()
    {
        while (Waiting() is { } waiting)
        {
            await waiting.Task;
        }
    }

    private TaskCompletionSource? Waiting()
    {
        lock (_lock)
        {
            return _open == 0 ? null : _none ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private void Leave()
    {
        TaskCompletionSource? none = null;
        lock (_lock)
        {
            if (--_open == 0)
            {
                (none, _none) = (_none, null);
            }
        }

        none?.SetResult();
    }

    private sealed class Share(StreamCount count) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                count.Leave();
            }
        }
    }
}
