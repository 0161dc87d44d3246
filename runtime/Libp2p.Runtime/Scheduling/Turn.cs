namespace Libp2p.Scheduling;

/// <summary>
/// One at a time, in the order of asking. Unlike <see cref="SemaphoreSlim"/> it stays on the node's scheduler when a wait has a token
/// (docs/simulation.md, "What library code may await").
/// </summary>
internal sealed class Turn
{
    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private bool _taken;

    /// <summary>Takes the turn, when it comes. Whoever has it gives it back with <see cref="Give"/>; who is cancelled does not have it.</summary>
    public async ValueTask TakeAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TaskCompletionSource turn;

        lock (_gate)
        {
            if (!_taken)
            {
                _taken = true;
                return;
            }

            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(turn);
        }

        using CancellationTokenRegistration cancelled = cancellationToken.UnsafeRegister(
            static (waiting, token) => ((TaskCompletionSource)waiting!).TrySetCanceled(token), turn);
        await turn.Task;
    }

    /// <summary>Takes the turn if nobody has it.</summary>
    public bool TryTake()
    {
        lock (_gate)
        {
            bool free = !_taken;
            _taken = true;
            return free;
        }
    }

    /// <summary>Gives the turn to the next who still waits.</summary>
    public void Give()
    {
        lock (_gate)
        {
            while (_waiting.TryDequeue(out TaskCompletionSource? next))
            {
                if (next.TrySetResult())
                {
                    return;
                }
            }

            _taken = false;
        }
    }
}
