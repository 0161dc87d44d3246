namespace Libp2p.Protocols.Tests.Identify;

/// <summary>Serves an id, and does nothing.</summary>
internal sealed class NothingHandler(string id) : StreamHandler
{
    public override IReadOnlyList<ProtocolId> Ids { get; } = [id];

    public override OperationLimits Limits => OperationLimits.Default;

    public override ValueTask HandleAsync(P2PStream stream, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
