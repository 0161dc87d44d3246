using System.IO.Pipelines;
using Libp2p.Scheduling;
using Libp2p.TestKit;

namespace Libp2p.Simulation;

/// <summary>
/// One deterministic queue for all continuations of all simulated nodes. It runs on the thread that calls <see cref="Run(Func{Task})"/>
/// and nowhere else; a seed chooses which of the ready items runs next. Work that leaves it, and work that comes back from another
/// thread, ends the run with a <see cref="DeterminismException"/> that names the place.
/// </summary>
/// <remarks>While nothing runs, any thread may schedule: what it schedules waits for the next run. See docs/simulation.md.</remarks>
public sealed partial class SimulationScheduler : NodeScheduler
{
    private readonly Lock _lock = new();
    private readonly ReadyQueue _ready;
    private readonly SimulationContext _context;
    private readonly List<DeterminismViolation> _violations = [];
    private readonly WaitingTasks _started = new();
    private readonly SimulationOptions _options;
    private volatile bool _isRunning;
    private volatile bool _isViolated;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="seed">Chooses the interleaving; 0: first in, first out.</param>
    /// <param name="options">Null: the defaults.</param>
    public SimulationScheduler(ulong seed, SimulationOptions? options = null)
    {
        _options = options ?? new SimulationOptions();
        Seed = seed;
        bool isSeeded = seed != 0 && _options.Order == StepOrder.Seeded;
        _ready = new ReadyQueue(isSeeded ? new SeededRandomSource(seed).Fork("scheduler") : null);
        _context = new SimulationContext(this, _options.MaxBlocking);
        Time = new VirtualTimeProvider(this, _options.Start);
        WithoutContext = new ContextlessScheduler(this);
    }

    /// <summary>What the interleaving was chosen with.</summary>
    public ulong Seed { get; }

    /// <summary>The clock, which only this scheduler moves.</summary>
    public VirtualTimeProvider Time { get; }

    /// <inheritdoc/>
    public override NodeSynchronizationContext Context => _context;

    /// <summary>
    /// The same queue for pipes whose streams are handed to the platform (<c>SslStream</c>, <c>StreamReader</c>): runs without a
    /// context. The platform's own awaits then continue where they are instead of on the thread pool, and the caller's await, which
    /// captured the context, comes back to it.
    /// </summary>
    public PipeScheduler WithoutContext { get; }

    /// <summary>How many items have run.</summary>
    public long Steps { get; private set; }

    /// <summary>
    /// A fingerprint of all choices so far: equal for two runs that had the same number of candidates at every step, so it differs
    /// where runs part even if nothing was logged there. It is no promise across versions of the platform.
    /// </summary>
    public ulong ScheduleHash { get; private set; } = FnvOffset;

    /// <summary>How many items are ready.</summary>
    public int ReadyCount
    {
        get
        {
            lock (_lock)
            {
                return _ready.Count;
            }
        }
    }

    internal bool IsRunningHere => PoolWatch.Watched == this;

    /// <inheritdoc/>
    public override void Schedule(Action<object?> action, object? state)
    {
        ArgumentNullException.ThrowIfNull(action);
        Enqueue(new WorkItem(action, state));
    }

    /// <summary>
    /// Starts concurrent work as an item of its own: it may run now or after anything else that is ready. The stall report knows it
    /// by its name.
    /// </summary>
    /// <param name="name">For the report.</param>
    /// <param name="work">Begins on the scheduler.</param>
    /// <returns>The work. The caller awaits it; nothing else looks at its failure.</returns>
    public Task Start(string name, Func<Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        Task task = BeginAsync(work);
        _started.Add(name, task);
        return task;
    }

    /// <summary>Records an escape; the run ends with it before its next step.</summary>
    internal void Report(string what, string stack, string? continuation = null)
    {
        lock (_lock)
        {
            _violations.Add(new DeterminismViolation(what, continuation, stack));
            _isViolated = true;
        }
    }

    /// <summary>Reports a use of the simulation's seams from a foreign thread while a run is under way.</summary>
    internal void CheckThread(string what)
    {
        if (_isRunning && !IsRunningHere)
        {
            Report($"{what} on a foreign thread", Environment.StackTrace);
        }
    }

    internal void Enqueue(WorkItem item)
    {
        if (_isRunning && !IsRunningHere)
        {
            Report("comes back from a foreign thread", Environment.StackTrace, ContinuationName.Of(item));
        }

        lock (_lock)
        {
            _ready.Add(item);
        }
    }

    private async Task BeginAsync(Func<Task> work)
    {
        await Enter();
        await Task.Yield();
        await work();
    }
}
