using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Libp2p.Scheduling;

/// <summary>
/// Where all continuations of one node run: the thread pool, or in simulation one deterministic queue. It is the scheduler of the
/// node's pipes, so nothing of a node runs anywhere else.
/// </summary>
/// <remarks>
/// Library code awaits plainly: once on the scheduler, an <c>await</c> stays there, because <see cref="Context"/> is current
/// wherever the scheduler runs something. Code called from outside gets onto it with <see cref="Enter"/>. Implementations are
/// thread-safe. See DESIGN §4 and docs/architecture.md, "Scheduling".
/// </remarks>
public abstract class NodeScheduler : PipeScheduler
{
    /// <summary>The synchronization context that is current while the scheduler runs something; null for the thread pool.</summary>
    public abstract NodeSynchronizationContext? Context { get; }

    /// <summary>
    /// Leaves the caller's context for this scheduler: the one helper with which every public entry point begins. Completes at
    /// once where the caller is on it already.
    /// </summary>
    public Entry Enter() => new(this);

    /// <summary>Whether the calling code runs on this scheduler.</summary>
    public bool IsCurrent =>
        SynchronizationContext.Current == Context && (Context is not null || TaskScheduler.Current == TaskScheduler.Default);

    /// <summary>The awaitable of <see cref="Enter"/>.</summary>
    /// <param name="scheduler">The scheduler; null: the caller stays where it is.</param>
    public readonly struct Entry(NodeScheduler? scheduler) : ICriticalNotifyCompletion
    {
        /// <summary>Whether there is nothing to leave.</summary>
        public bool IsCompleted => scheduler?.IsCurrent ?? true;

        /// <summary>The awaiter: this.</summary>
        public Entry GetAwaiter() => this;

        /// <summary>Ends the await.</summary>
        public void GetResult()
        {
        }

        /// <inheritdoc/>
        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        /// <inheritdoc/>
        public void UnsafeOnCompleted(Action continuation) =>
            scheduler!.Schedule(static state => ((Action)state!)(), continuation);
    }
}
