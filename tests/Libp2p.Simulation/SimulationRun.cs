using Libp2p.Scheduling;
using Libp2p.TestKit;

namespace Libp2p.Simulation;

/// <summary>
/// One run of a simulated network from one seed: the seams of each node, and a log by which runs are compared. The same seed gives
/// the same log, step by step.
/// </summary>
public sealed class SimulationRun
{
    private readonly SeededRandomSource _root;
    private readonly Dictionary<string, int> _incarnations = new(StringComparer.Ordinal);

    /// <summary>Makes a run at its beginning.</summary>
    /// <param name="seed">Decides the interleaving and all randomness; 0 runs what is ready first in, first out.</param>
    /// <param name="options">Null: the defaults.</param>
    public SimulationRun(ulong seed, SimulationOptions? options = null)
    {
        _root = new SeededRandomSource(seed);
        Scheduler = new SimulationScheduler(seed, options);
        Random = _root.Fork("scenario");
    }

    /// <summary>The seed of this run.</summary>
    public ulong Seed => Scheduler.Seed;

    /// <summary>The queue that all nodes share.</summary>
    public SimulationScheduler Scheduler { get; }

    /// <summary>The clock that all nodes share.</summary>
    public VirtualTimeProvider Time => Scheduler.Time;

    /// <summary>The scenario's own randomness: which link fails, who leaves. No node draws from it.</summary>
    public SeededRandomSource Random { get; }

    /// <summary>What was logged.</summary>
    public EventLog Events { get; } = new();

    /// <summary>A digest of the log.</summary>
    public string Digest => Events.Digest();

    /// <summary>
    /// The seams of a node, with randomness of its own that depends on the seed and its name alone. Asked again for a name, gives
    /// the node's next incarnation: fresh randomness, as after a restart.
    /// </summary>
    /// <param name="name">Unlike any other node's.</param>
    public NodeSeams Node(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        int incarnation = _incarnations[name] = _incarnations.GetValueOrDefault(name) + 1;
        SeededRandomSource random = _root.Fork("node").Fork(name);
        return new NodeSeams(Time, incarnation == 1 ? random : random.Fork(FormattableString.Invariant($"{incarnation}")), Scheduler);
    }

    /// <summary>Logs something that happened, with the virtual time. Write nothing that differs between processes: no hash codes, no ports.</summary>
    public void Log(string message)
    {
        Scheduler.CheckThread("writes the log");
        Events.Add(Time.Clock.Elapsed, message);
    }

    /// <inheritdoc cref="SimulationScheduler.Start"/>
    public Task Start(string name, Func<Task> work) => Scheduler.Start(name, work);

    /// <inheritdoc cref="SimulationScheduler.Run(Func{Task})"/>
    public void Run(Func<Task> main) => Scheduler.Run(main);

    /// <inheritdoc cref="SimulationScheduler.Run{T}(Func{Task{T}})"/>
    public T Run<T>(Func<Task<T>> main) => Scheduler.Run(main);

    /// <summary>Runs a scenario twice from one seed and demands the same log and the same choices.</summary>
    /// <param name="seed">The seed of both runs.</param>
    /// <param name="scenario">Makes all it uses anew: nothing may pass from the first run to the second.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <returns>The first run.</returns>
    /// <exception cref="DeterminismException">The runs differ; the message says where.</exception>
    public static SimulationRun Replay(ulong seed, Func<SimulationRun, Task> scenario, SimulationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        SimulationRun first = RunOnce(seed, scenario, options);
        SimulationRun second = RunOnce(seed, scenario, options);
        string? difference = first.Events.DifferenceFrom(second.Events);
        if (difference is null && first.Scheduler.ScheduleHash != second.Scheduler.ScheduleHash)
        {
            difference = FormattableString.Invariant($"the logs agree, the choices do not ({first.Scheduler.Steps} and {second.Scheduler.Steps} steps)");
        }

        return difference is null ? first : throw new DeterminismException($"Two runs with seed {seed} differ: {difference}.");
    }

    private static SimulationRun RunOnce(ulong seed, Func<SimulationRun, Task> scenario, SimulationOptions? options)
    {
        SimulationRun run = new(seed, options);
        run.Run(() => scenario(run));
        return run;
    }
}
