namespace Libp2p.Scheduling;

/// <summary>
/// Lets in a bounded number at a time, in the order of asking. Unlike <see cref="SemaphoreSlim"/> it stays on the node's scheduler when a
/// wait has a token (docs/simulation.md, "What library code may await"). Thread-safe.
/// </summary>
/// <param name="places">How many may be in.</param>
internal sealed class Turnstile(int places)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<TaskCompletionSource> _waiting = new();
    private int _free = places;

    /// <summary>Enters, when there is a place. One that entered leaves with <see cref="Leave"/>; one that was cancelled has not entered.</summary>
    public async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (EnterOrWait() is not { } waiting)
        {
            return;
        }

        try
        {
            using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
                static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), waiting.Value);
            await waiting.Value.Task;
        }
        catch (OperationCanceledException)
        {
            Remove(waiting);
            throw;
        }
    }

    /// <summary>Enters if there is a place.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            bool isFree = _free > 0;
            _free -= isFree ? 1 : 0;
            return isFree;
        }
    }

    /// <summary>Leaves: the next that waits enters.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            while (_waiting.First is { } next)
            {
                _waiting.RemoveFirst();
                if (next.Value.TrySetResult())
                {
                    return;
                }
            }

            _free++;
        }
    }

    private LinkedListNode<TaskCompletionSource>? EnterOrWait()
    {
        lock (_gate)
        {
            if (_free > 0)
            {
                _free--;
                return null;
            }

            return _waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }

    private void Remove(LinkedListNode<TaskCompletionSource> waiting)
    {
        lock (_gate)
        {
            if (waiting.List is not null)
            {
                _waiting.Remove(waiting);
            }
        }
    }
}
