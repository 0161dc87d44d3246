using Libp2p.TestKit.Scheduling;

namespace Libp2p.Simulation;

/// <summary>How a simulation runs. Immutable.</summary>
public sealed record SimulationOptions
{
    /// <summary>Which of the ready items runs next; by default the seed chooses.</summary>
    public StepOrder Order { get; init; } = StepOrder.Seeded;

    /// <summary>After so many steps one run is given up as endless.</summary>
    public long MaxSteps { get; init; } = 5_000_000;

    /// <summary>The virtual time at which the simulation begins.</summary>
    public DateTimeOffset Start { get; init; } = VirtualClock.DefaultStart;

    /// <summary>
    /// How long, in real time, code may block the simulation's thread. Nobody else can release it, so a longer wait (<c>.Result</c>,
    /// <c>Wait()</c>) is an error, thrown where it blocks.
    /// </summary>
    public TimeSpan MaxBlocking { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>Which of the ready items runs next.</summary>
public enum StepOrder
{
    /// <summary>The seed chooses: other seeds explore other interleavings. Seed 0 means <see cref="FirstInFirstOut"/>.</summary>
    Seeded,

    /// <summary>The one that became ready first.</summary>
    FirstInFirstOut,
}
