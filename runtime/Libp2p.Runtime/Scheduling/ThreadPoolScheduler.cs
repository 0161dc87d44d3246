using System.Diagnostics.CodeAnalysis;

namespace Libp2p.Scheduling;

/// <summary>The scheduler of ordinary nodes: the thread pool, without a synchronization context.</summary>
public sealed class ThreadPoolScheduler : NodeScheduler
{
    private ThreadPoolScheduler()
    {
    }

    /// <summary>The one there is; it holds no state.</summary>
    public static ThreadPoolScheduler Instance { get; } = new();

    /// <inheritdoc/>
    public override NodeSynchronizationContext? Context => null;

    /// <inheritdoc/>
    [SuppressMessage("ApiDesign", "RS0030", Justification = "This is the node's scheduler, and the one place that knows the thread pool.")]
    public override void Schedule(Action<object?> action, object? state) =>
        System.Threading.ThreadPool.UnsafeQueueUserWorkItem(action, state, preferLocal: false);
}
