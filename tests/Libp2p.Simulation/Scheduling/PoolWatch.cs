using System.Diagnostics;
using System.Diagnostics.Tracing;

namespace Libp2p.Simulation;

/// <summary>
/// Sees work leave the simulation at the moment it is handed to the thread pool or to a timer of the system, on the thread that
/// hands it over: so the stack names the offender, and the finding is as repeatable as the run. It listens to the framework's own
/// events.
/// </summary>
internal sealed class PoolWatch : EventListener
{
    private const string SourceName = "System.Diagnostics.Eventing.FrameworkEventSource";
    private const string PoolEvent = "ThreadPoolEnqueueWork";
    private const string TimerEvent = "ThreadTransferSend";
    private const EventKeywords ThreadPoolWork = (EventKeywords)0x2;
    private const EventKeywords ThreadTransfer = (EventKeywords)0x10; // timers and asynchronous file operations

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
            EnableEvents(eventSource, EventLevel.Verbose, ThreadPoolWork | ThreadTransfer);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        s_sawEvent = true;
        if (s_watched is { } running && eventData.EventName is PoolEvent or TimerEvent)
        {
            string receiver = eventData.EventName == PoolEvent ? "the thread pool" : "a timer of the system";
            running.Report($"hands work to {receiver}", OffendersStack());
        }
    }

    /// <summary>The stack between the step that runs and the pool, without the events' own frames.</summary>
    private static string OffendersStack()
    {
        IEnumerable<StackFrame> frames = new StackTrace(fNeedFileInfo: true).GetFrames()
            .SkipWhile(static frame => frame.GetMethod()?.DeclaringType is { } type && (type == typeof(PoolWatch) || IsTracing(type)))
            .TakeWhile(static frame => frame.GetMethod()?.DeclaringType != typeof(SimulationScheduler));
        return new StackTrace(frames).ToString();
    }

    private static bool IsTracing(Type type) => type.Namespace?.StartsWith("System.Diagnostics.Tracing", StringComparison.Ordinal) == true;

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
