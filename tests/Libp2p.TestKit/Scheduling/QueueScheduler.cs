using Libp2p.Scheduling;

namespace Libp2p.TestKit.Scheduling;

/// <summary>One queue, which a test empties on its own thread: nothing happens that the test did not ask for.</summary>
public sealed class QueueScheduler : NodeScheduler
{
    private readonly object _gate = new(); // a monitor: the queue's thread waits on it for work from outside
    private readonly Queue<(Delegate Callback, object? State)> _queue = new(); // an Action or a SendOrPostCallback
    private TaskCompletionSource? _idle;

    /// <summary>Makes an empty queue.</summary>
    public QueueScheduler() => Context = new QueueContext(this);

    /// <inheritdoc/>
    public override NodeSynchronizationContext? Context { get; }

    /// <inheritdoc/>
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

    /// <summary>
    /// Runs work to its end, and throws what it throws. Work that can never end fails at once: nothing is queued, and nothing waits for
    /// that in <see cref="IdleAsync"/>.
    /// </summary>
    /// <param name="work">Begins on the queue.</param>
    /// <param name="patience">
    /// How long an empty queue waits, in real time, for continuations from elsewhere, before it counts as idle. Zero for code that never
    /// leaves its scheduler, which makes the run deterministic.
    /// </param>
    public void Run(Func<Task> work, TimeSpan patience = default)
    {
        Task running = Start(work);
        while (!running.IsCompleted)
        {
            if (!WaitForWork(patience))
            {
                TaskCompletionSource? idle = Interlocked.Exchange(ref _idle, null);
                Assert.True(idle is not null, "The test waits for something that will not happen: nothing is left to run.");
                Schedule(static state => ((TaskCompletionSource)state!).SetResult(), idle);
            }

            RunUntilIdle();
        }

        running.GetAwaiter().GetResult();
    }

    /// <summary>Completes when nothing is left to run: everything else waits. For use within <see cref="Run"/>, by one at a time.</summary>
    public async Task IdleAsync()
    {
        TaskCompletionSource idle = new();
        Assert.True(Interlocked.CompareExchange(ref _idle, idle, null) is null, "Another wait for the idle queue is pending.");
        await idle.Task;
    }

    private void Enqueue(Delegate callback, object? state)
    {
        lock (_gate)
        {
            _queue.Enqueue((callback, state));
            Monitor.Pulse(_gate);
        }
    }

    private bool TryNext(out (Delegate Callback, object? State) next)
    {
        lock (_gate)
        {
            return _queue.TryDequeue(out next);
        }
    }

    private bool WaitForWork(TimeSpan patience)
    {
        lock (_gate)
        {
            return _queue.Count > 0 || (patience > TimeSpan.Zero && Monitor.Wait(_gate, patience));
        }
    }

    private sealed class QueueContext(QueueScheduler scheduler) : NodeSynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => scheduler.Enqueue(d, state);

        public override void Send(SendOrPostCallback d, object? state) => d(state);

        public override SynchronizationContext CreateCopy() => this;
    }
}
