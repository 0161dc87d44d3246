namespace Libp2p.Scheduling;

/// <summary>Owns tasks that run beside their owner, so that none is forgotten: the owner's disposal waits for them. Thread-safe.</summary>
public sealed class TaskSet
{
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource<Task>> _running = [];
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
        LinkedListNode<TaskCompletionSource<Task>> entry = new(new(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            _running.AddLast(entry);
        }

        entry.Value.SetResult(RunAsync(work, entry));
        return true;
    }

    /// <summary>Takes no more work and waits for what runs.</summary>
    public async Task CloseAsync()
    {
        Task[] running;
        lock (_lock)
        {
            _closed = true;
            running = [.. _running.Select(EndAsync)];
        }

        await Task.WhenAll(running);
    }

    /// <summary>An async method of our own: <c>Unwrap</c> over a source that completes asynchronously leaves the node's scheduler.</summary>
    private static async Task EndAsync(TaskCompletionSource<Task> entry) => await await entry.Task;

    private async Task RunAsync(Func<Task> work, LinkedListNode<TaskCompletionSource<Task>> entry)
    {
        try
        {
            await work();
        }
        finally
        {
            Remove(entry);
        }
    }

    // A method of its own: trimmed, a lock within the finally of an async method was not always released.
    private void Remove(LinkedListNode<TaskCompletionSource<Task>> entry)
    {
        lock (_lock)
        {
            _running.Remove(entry);
        }
    }
}
