using System.IO.Pipelines;

namespace Libp2p.Simulation;

/// <summary>Queues on the simulation's scheduler what runs there without its synchronization context.</summary>
internal sealed class ContextlessScheduler(SimulationScheduler scheduler) : PipeScheduler
{
    public override void Schedule(Action<object?> action, object? state)
    {
        ArgumentNullException.ThrowIfNull(action);
        scheduler.Enqueue(new WorkItem(action, state, RunsWithoutContext: true));
    }
}
