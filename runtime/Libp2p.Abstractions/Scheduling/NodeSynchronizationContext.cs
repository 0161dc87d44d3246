namespace Libp2p.Scheduling;

/// <summary>
/// The context of a <see cref="NodeScheduler"/> that has one: library code that runs in it stays in it, while any other context is a
/// caller's, which may be blocked until the call ends.
/// </summary>
public abstract class NodeSynchronizationContext : SynchronizationContext;
