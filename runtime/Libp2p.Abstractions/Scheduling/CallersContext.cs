using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Libp2p.Scheduling;

/// <summary>
/// The awaitable with which an entry point that knows no node leaves its caller's context for the thread pool; where the caller is on a
/// node's scheduler it stays there. Entry points of a node have <see cref="NodeScheduler.Enter"/>.
/// </summary>
public readonly struct CallersContext : ICriticalNotifyCompletion
{
    /// <summary>Whether there is nothing to leave.</summary>
    public bool IsCompleted =>
        SynchronizationContext.Current is NodeSynchronizationContext || (SynchronizationContext.Current is null && TaskScheduler.Current == TaskScheduler.Default);

    /// <summary>Leaves it.</summary>
    public static CallersContext Leave() => default;

    /// <summary>The awaiter: this.</summary>
    public CallersContext GetAwaiter() => this;

    /// <summary>Ends the await.</summary>
    public void GetResult()
    {
    }

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    /// <inheritdoc/>
    [SuppressMessage("ApiDesign", "RS0030", Justification = "There is no node whose scheduler it could be.")]
    public void UnsafeOnCompleted(Action continuation) =>
        ThreadPool.UnsafeQueueUserWorkItem(static next => next(), continuation, preferLocal: false);
}
