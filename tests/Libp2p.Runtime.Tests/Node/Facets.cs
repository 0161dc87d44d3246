using Libp2p.Services;

namespace Libp2p.Tests.Host;

/// <summary>A service that gives a test the facets of its node, and fails to end where that is wanted.</summary>
internal sealed class Facets(Exception? failure = null) : INodeService
{
    public string Name => "facets";

    public NodeContext Node { get; private set; } = null!;

    public bool HasEnded { get; private set; }

    public ValueTask StartAsync(NodeContext node, CancellationToken cancellationToken)
    {
        Node = node;
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        HasEnded = true;
        return failure is null ? ValueTask.CompletedTask : throw failure;
    }
}
