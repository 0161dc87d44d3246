using Libp2p.Scheduling;

namespace Libp2p.Simulation;

/// <summary>The synchronization context through which every await comes back to the scheduler.</summary>
internal sealed class SimulationContext : NodeSynchronizationContext
{
    private const int WaitTimeout = 0x102; // WAIT_TIMEOUT, which WaitHelper returns on every platform

    private readonly SimulationScheduler _scheduler;
    private readonly int _maxBlocking;

    public SimulationContext(SimulationScheduler scheduler, TimeSpan maxBlocking)
    {
        _scheduler = scheduler;
        _maxBlocking = (int)maxBlocking.TotalMilliseconds;
        SetWaitNotificationRequired();
    }

    public override void Post(SendOrPostCallback d, object? state) => _scheduler.Enqueue(new WorkItem(d, state));

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (!_scheduler.IsRunningHere)
        {
            throw new InvalidOperationException("The simulation's thread cannot be waited for: post instead.");
        }

        d(state);
    }

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>
    /// Called when the thread is about to block. A short wait may be a lock that another test holds; a long one cannot end, because
    /// whatever would end it waits for this very thread.
    /// </summary>
    public override int Wait(IntPtr[] waitHandles, bool waitAll, int millisecondsTimeout)
    {
        if (millisecondsTimeout >= 0 && millisecondsTimeout <= _maxBlocking)
        {
            return base.Wait(waitHandles, waitAll, millisecondsTimeout);
        }

        int result = base.Wait(waitHandles, waitAll, _maxBlocking);
        return result != WaitTimeout
            ? result
            : throw new InvalidOperationException("Code blocks the thread of the simulation, which nothing else can release. Await instead.");
    }
}
