using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Node.Connections;
using Libp2p.Scheduling;
using Libp2p.Services;

namespace Libp2p.Node.Dialing;

/// <summary>Makes links and connections of other origin (relays, hole punching) the node's own.</summary>
/// <param name="node">What the parts of the node share.</param>
/// <param name="connections">Admits them.</param>
/// <param name="closing">Cancelled when the node closes.</param>
internal sealed class AdoptedConnections(NodeParts node, ConnectionTable connections, CancellationToken closing)
{
    private readonly TaskSet _running = new();

    /// <summary>Upgrades and admissions that run.</summary>
    public int RunningTasks => _running.Count;

    /// <summary>Waits until nothing of them runs.</summary>
    public Task CloseAsync() => _running.CloseAsync();

    /// <summary>Upgrades a link, which is taken over, and admits the connection.</summary>
    public Task<PeerConnection> AdoptAsync(IByteLink link, Adoption adoption, CancellationToken cancellationToken) =>
        RunAsync(link, () => UpgradeAsync(link, adoption, cancellationToken), cancellationToken);

    /// <summary>Admits a connection, which is taken over.</summary>
    public Task<PeerConnection> AdoptAsync(UpgradedConnection connection, Adoption adoption, CancellationToken cancellationToken) =>
        RunAsync(connection, () => AdmitAsync(connection, adoption, cancellationToken), cancellationToken);

    private async Task<PeerConnection> RunAsync(ITransportConnection adopted, Func<Task<PeerConnection>> adopt, CancellationToken cancellationToken)
    {
        Task<PeerConnection>? adopting = null;
        if (!_running.TryRun(() => Waits.SettleAsync(adopting = adopt())))
        {
            await DropAsync(adopted, NodeClosing.Reason());
            throw NodeClosing.Exception();
        }

        try
        {
            return await adopting!;
        }
        catch (Libp2pException e) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The adoption was cancelled by its caller", e, cancellationToken);
        }
    }

    private async Task<PeerConnection> UpgradeAsync(IByteLink link, Adoption adoption, CancellationToken cancellationToken)
    {
        ConnectionLease lease = await LeaseAsync(link, adoption);
        ConnectionRole role = adoption.Role ?? (adoption.Direction == Direction.Outbound ? ConnectionRole.Initiator : ConnectionRole.Responder);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, closing);
        using Deadline deadline = Deadline.Start(adoption.Timeout ?? node.Options.InboundUpgradeTimeout, node.Seams.Time, either.Token);
        UpgradeRequest request = connections.RequestFor(link, adoption.Direction, role, adoption.ExpectedPeer, lease);
        LeasedConnection made;
        try
        {
            made = await node.Abandoned.WaitAsync(
                $"The upgrade of an adopted link with {link.RemoteAddress}",
                LeasedConnection.MakeAsync(lease, () => node.Upgrader.UpgradeAsync(link, request, deadline.Token)),
                deadline.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw deadline.IsOver ? deadline.Exceeded("The upgrade of the link", e) : NodeClosing.Exception(e);
        }

        return await connections.AddAsync(made.Upgraded, adoption.Direction, lease, deadline.Token);
    }

    private async Task<PeerConnection> AdmitAsync(UpgradedConnection connection, Adoption adoption, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            await DropAsync(connection, new EndReason(EndedBy.Caller, ErrorCode.None, "The adoption was cancelled"));
            cancellationToken.ThrowIfCancellationRequested();
        }

        PeerId found = connection.Security.RemotePeer;
        if (!adoption.ExpectedPeer.Matches(found))
        {
            HandshakeException wrong = new($"{found} was found instead of {adoption.ExpectedPeer}", EndedBy.Violation);
            await DropAsync(connection, wrong.Reason);
            throw wrong;
        }

        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, closing);
        return await connections.AddAsync(connection, adoption.Direction, await LeaseAsync(connection, adoption), either.Token);
    }

    private async ValueTask<ConnectionLease> LeaseAsync(ITransportConnection adopted, Adoption adoption)
    {
        if (node.Limits.TryLease(adoption.Direction, adopted.RemoteAddress, out string? refusal) is { } lease)
        {
            return lease;
        }

        LimitExceededException full = new(refusal!);
        await DropAsync(adopted, full.Reason);
        throw full;
    }

    /// <summary>Ends what was taken over and comes to nothing.</summary>
    private static async ValueTask DropAsync(ITransportConnection adopted, EndReason reason)
    {
        adopted.Abort(reason);
        try
        {
            await adopted.DisposeAsync();
        }
        catch (IOException)
        {
            // It was broken already.
        }
    }
}
