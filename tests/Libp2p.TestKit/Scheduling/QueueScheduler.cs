using Libp2p.Scheduling;

namespace Libp2p.TestKit.Scheduling;

/// <summary>One queue, which a test empties: nothing happens behind its back.</summary>
public sealed class QueueScheduler : NodeScheduler
{
    private readonly Queue<(Action<object?> Action, object? State)> _queue = new();

    public QueueScheduler() => Context = new QueueContext(this);

    public override SynchronizationContext? Context { get; }

    public override void Schedule(Action<object?> action, object? state)
    {
        lock (_queue)
        {
            _queue.Enqueue((action, state));
        }
    }

    /// <summary>Starts something on the queue, and runs until nothing is left to do.</summary>
    public Task<T> Start<T>(Func<Task<T>> work)
    {
        Task<T>? started = null;
        Schedule(_ => started = work(), null);
        RunUntilIdle();
        return started!;
    }

    /// <inheritdoc cref="Start{T}"/>
    public Task Start(Func<Task> work) => Start(async () =>
    {
        await work();
        return true;
    });

    /// <summary>Runs what is queued, and what that queues.</summary>
    public void RunUntilIdle()
    {
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(Context);
        try
        {
            while (TryNext(out (Action<object?> Action, object? State) next))
            {
                next.Action(next.State);
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    private bool TryNext(out (Action<object?> Action, object? State) next)
    {
        lock (_queue)
        {
            return _queue.TryDequeue(out next);
        }
    }

    private sealed class QueueContext(QueueScheduler scheduler) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => scheduler.Schedule(d.Invoke, state);

        public override void Send(SendOrPostCallback d, object? state) => d(state);

        public override SynchronizationContext CreateCopy() => this;
    }
}
