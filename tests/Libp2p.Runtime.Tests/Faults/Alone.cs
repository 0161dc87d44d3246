namespace Libp2p.Tests.Faults;

/// <summary>
/// Tests that watch what belongs to the process - its pool of arrays, its file descriptors - run with nothing beside them. That holds
/// for a watch of one thread too: the pool's events may be lost while other watches come and go.
/// </summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
