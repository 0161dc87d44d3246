using Libp2p.Scheduling;

namespace Libp2p.TestKit.Scheduling;

/// <summary>The thread pool as a node's scheduler.</summary>
public sealed class PoolScheduler : NodeScheduler
{
    public static readonly PoolScheduler Instance = new();

    public override SynchronizationContext? Context => null;

    public override void Schedule(Action<object?> action, object? state) =>
        System.Threading.ThreadPool.UnsafeQueueUserWorkItem(action, state, preferLocal: false);
}
