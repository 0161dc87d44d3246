namespace Libp2p.Hosting;

/// <summary>Counts the calls that a host's handlers are serving, so that a host that stops can wait for them. Thread-safe.</summary>
internal sealed class ServedCalls
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private bool _closed;

    public int Running
    {
        get
        {
            lock (_lock)
            {
                return _running;
            }
        }
    }

    /// <summary>A call begins.</summary>
    /// <exception cref="Libp2pException">The host is stopping.</exception>
    public void Enter()
    {
        lock (_lock)
        {
            if (_closed)
            {
                throw new Libp2pException(new EndReason(EndedBy.Local, ErrorCode.Shutdown, "The host is stopping"));
            }

            _running++;
        }
    }

    /// <summary>A call has ended.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            if (--_running == 0 && _closed)
            {
                _ended.TrySetResult();
            }
        }
    }

    /// <summary>Lets no call begin any more; completes when those that did have ended.</summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _closed = true;
            if (_running == 0)
            {
                _ended.TrySetResult();
            }
        }

        return _ended.Task;
    }
}
