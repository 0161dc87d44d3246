namespace Libp2p.Scheduling;

/// <summary>Owns tasks that run beside their owner, so that none is forgotten: the owner's disposal waits for them. Thread-safe.</summary>
public sealed class TaskSet
{
    private readonly Lock _lock = new();
    private readonly HashSet<TaskCompletionSource<Task>> _running = [];
    private bool _closed;

    /// <summary>Tasks that run.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _running.Count;
            }
        }
    }

    /// <summary>Starts work that handles its own failures: one that escapes comes out of <see cref="CloseAsync"/>.</summary>
    /// <returns>False when the set is closed; then nothing was started.</returns>
    public bool TryRun(Func<Task> work)
    {
        TaskCompletionSource<Task> entry = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            _running.Add(entry);
        }

        entry.SetResult(RunAsync(work, entry));
        return true;
    }

    /// <summary>Takes no more work and waits for what runs.</summary>
    public async Task CloseAsync()
    {
        Task[] running;
        lock (_lock)
        {
            _closed = true;
            running = [.. _running.Select(entry => entry.Task.Unwrap())];
        }

        await Task.WhenAll(running);
    }

    private async Task RunAsync(Func<Task> work, TaskCompletionSource<Task> entry)
    {
        try
        {
            await work();
        }
        finally
        {
            lock (_lock)
            {
                _running.Remove(entry);
            }
        }
    }
}
