using Libp2p.Scheduling;

namespace Libp2p.TestKit.Scheduling;

/// <summary>One queue, which a test empties: nothing happens behind its back.</summary>
public sealed class QueueScheduler : NodeScheduler
{
    private readonly Queue<(Delegate Callback, object? State)> _queue = new(); // an Action or a SendOrPostCallback

    public QueueScheduler() => Context = new QueueContext(this);

    public override SynchronizationContext? Context { get; }

    public override void Schedule(Action<object?> action, object? state) => Enqueue(action, state);

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
            while (TryNext(out (Delegate Callback, object? State) next))
            {
                (next.Callback as Action<object?>)?.Invoke(next.State);
                (next.Callback as SendOrPostCallback)?.Invoke(next.State);
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    private void Enqueue(Delegate callback, object? state)
    {
        lock (_queue)
        {
            _queue.Enqueue((callback, state));
        }
    }

    private bool TryNext(out (Delegate Callback, object? State) next)
    {
        lock (_queue)
        {
            return _queue.TryDequeue(out next);
        }
    }

    private sealed class QueueContext(QueueScheduler scheduler) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => scheduler.Enqueue(d, state);

        public override void Send(SendOrPostCallback d, object? state) => d(state);

        public override SynchronizationContext CreateCopy() => this;
    }
}
