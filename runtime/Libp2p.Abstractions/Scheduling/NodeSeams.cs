namespace Libp2p.Scheduling;

/// <summary>What a node takes from outside so that it can be replayed: time, randomness, scheduling. Immutable; shared by all of a node's parts.</summary>
/// <param name="Time">Every clock and timer.</param>
/// <param name="Random">Every random byte.</param>
/// <param name="Scheduler">Every continuation.</param>
public sealed record NodeSeams(TimeProvider Time, IRandomSource Random, NodeScheduler Scheduler);
