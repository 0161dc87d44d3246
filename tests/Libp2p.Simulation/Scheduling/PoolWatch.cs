using System.Diagnostics;
using System.Diagnostics.Tracing;

namespace Libp2p.Simulation;

/// <summary>
/// Sees work leave the simulation for the thread pool at the moment it is queued, on the thread that queues it: so the stack names
/// the offender, and the finding is as repeatable as the run. It listens to the framework's own thread-pool events.
/// </summary>
internal sealed class PoolWatch : EventListener
{
    private const string SourceName = "System.Diagnostics.Eventing.FrameworkEventSource";
    private const EventKeywords ThreadPoolKeyword = (EventKeywords)0x2;

    private static readonly PoolWatch s_listener = new();
    private static readonly Lazy<bool> s_works = new(AwaitEvents);

    [ThreadStatic]
    private static SimulationScheduler? s_watched;

    [ThreadStatic]
    private static bool s_sawEvent;

    /// <summary>The simulation that runs on the calling thread.</summary>
    public static SimulationScheduler? Watched
    {
        get => s_watched;
        set => s_watched = value;
    }

    /// <summary>Begins to listen, once in a process and for all of it.</summary>
    /// <returns>Whether the events arrive; without them only what comes back from foreign threads is found.</returns>
    public static bool Start() => s_works.Value;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == SourceName)
        {
            EnableEvents(eventSource, EventLevel.Verbose, ThreadPoolKeyword);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        s_sawEvent = true;
        s_watched?.Report("hands work to the thread pool", new StackTrace(fNeedFileInfo: true).ToString());
    }

    // The pool notices a listener when one of its threads next begins to look for work. So it is given some, and waited for as a
    // task is: that makes the pool add a thread where all are taken, as they are in a test runner on a small machine.
    private static bool AwaitEvents()
    {
        for (int attempt = 0; attempt < 20; attempt++)
        {
            TaskCompletionSource ran = new();
            ThreadPool.UnsafeQueueUserWorkItem(static state => ((TaskCompletionSource)state!).SetResult(), ran);
            if (s_sawEvent)
            {
                return true;
            }

            ran.Task.Wait(TimeSpan.FromSeconds(1));
            GC.KeepAlive(s_listener);
        }

        return false;
    }
}
