using System.Runtime.ExceptionServices;

namespace Libp2p.Scheduling;

/// <summary>Owns tasks that run beside their owner, so that none is forgotten: the owner's disposal waits for them. Thread-safe.</summary>
public sealed class TaskSet
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _empty;
    private ExceptionDispatchInfo? _failure;
    private int _running;
    private bool _isClosed;

    /// <summary>Tasks that run.</summary>
    public int Count => Volatile.Read(ref _running);

    /// <summary>Starts work that handles its own failures: the first one that escapes comes out of <see cref="CloseAsync"/>.</summary>
    /// <returns>False when the set is closed; then nothing was started.</returns>
    public bool TryRun(Func<Task> work) => TryRun(static work => work(), work);

    /// <summary>As <see cref="TryRun(Func{Task})"/>, without a closure.</summary>
    /// <param name="work">The work.</param>
    /// <param name="state">Its argument.</param>
    public bool TryRun<TState>(Func<TState, Task> work, TState state)
    {
        if (!TryEnter())
        {
            return false;
        }

        _ = RunAsync(work, state); // counted until it has ended, which CloseAsync waits for
        return true;
    }

    /// <summary>Takes no more work and waits for what runs.</summary>
    public async Task CloseAsync()
    {
        if (Close() is { } empty)
        {
            await empty;
        }

        _failure?.Throw();
    }

    private async Task RunAsync<TState>(Func<TState, Task> work, TState state)
    {
        try
        {
            await work(state);
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(e), null);
        }

        Leave();
    }

    private bool TryEnter()
    {
        lock (_lock)
        {
            _running += _isClosed ? 0 : 1;
            return !_isClosed;
        }
    }

    private void Leave()
    {
        TaskCompletionSource? empty;
        lock (_lock)
        {
            empty = --_running == 0 ? _empty : null;
        }

        empty?.TrySetResult();
    }

    /// <summary>The wait for what runs; null where nothing does.</summary>
    private Task? Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            return _running == 0 ? null : (_empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }
}
