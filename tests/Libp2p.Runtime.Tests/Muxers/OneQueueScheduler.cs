using System.Collections.Concurrent;
using Libp2p.Scheduling;

namespace Libp2p.Tests.Muxers;

/// <summary>A scheduler as a simulation has it: one queue, one after the other, and a context that brings continuations back to it.</summary>
internal sealed class OneQueueScheduler : NodeScheduler, IDisposable
{
    private readonly BlockingCollection<(SendOrPostCallback Action, object? State)> _queue = [];
    private readonly QueueContext _context;
    private readonly Thread _thread;

    public OneQueueScheduler()
    {
        _context = new QueueContext(_queue);
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    public override NodeSynchronizationContext? Context => _context;

    public override void Schedule(Action<object?> action, object? state) => _context.Post(new SendOrPostCallback(action), state);

    public void Dispose() => _queue.CompleteAdding();

    private void Run()
    {
        SynchronizationContext.SetSynchronizationContext(_context);
        foreach ((SendOrPostCallback action, object? state) in _queue.GetConsumingEnumerable())
        {
            action(state);
        }
    }

    private sealed class QueueContext(BlockingCollection<(SendOrPostCallback, object?)> queue) : NodeSynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => queue.Add((d, state));

        public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nobody waits for the queue.");
    }
}
