namespace Libp2p.Services;

/// <summary>
/// What lives and dies with a node: identify, kad, relay, AutoNAT. Services start in the order of registration, after the handlers
/// are in place and before the node listens, and are disposed of in reverse, before the connections are closed.
/// </summary>
public interface INodeService : IAsyncDisposable
{
    /// <summary>The name in logs and node state.</summary>
    string Name { get; }

    /// <summary>What an operator should know of the service now, as part of the node state; null: nothing. Answers at once, without I/O.</summary>
    string? Condition => null;

    /// <summary>Starts. Work that goes on is owned by the service and has ended when its disposal returns.</summary>
    ValueTask StartAsync(NodeContext node, CancellationToken cancellationToken);
}
