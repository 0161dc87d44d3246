using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Node.Connections;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Transports;
using Microsoft.Extensions.Logging;

namespace Libp2p.Node.Listening;

/// <summary>One listener of a node, of either kind.</summary>
internal interface INodeListener : IAsyncDisposable
{
    /// <summary>Where it can be reached now.</summary>
    IReadOnlyList<Multiaddress> Addresses { get; }

    /// <summary>Its accept loop, and the upgrades that run.</summary>
    int RunningTasks { get; }

    /// <summary>Begins to accept.</summary>
    /// <param name="listeners">Lists it.</param>
    void Start(Listeners listeners);
}

/// <summary>
/// Accepts what remotes open on one listener, and makes connections of it: gater, lease, transport, upgrade, each within its bound.
/// </summary>
/// <param name="listener">Owned.</param>
/// <param name="address">What it listens on.</param>
/// <param name="node">What the parts of the node share.</param>
/// <param name="connections">Admits the connections.</param>
internal abstract class NodeListener<TConnection>(
    ITransportListener<TConnection> listener, Multiaddress address, NodeParts node, ConnectionTable connections) : INodeListener
    where TConnection : class, ITransportConnection
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(1);

    private readonly TaskSet _running = new();
    private readonly CancellationTokenSource _closing = new(); // neither timer nor links: nothing to dispose of
    private readonly ILogger _log = node.Logging.CreateLogger<Listeners>();
    private Listeners? _listeners;

    public IReadOnlyList<Multiaddress> Addresses => listener.Addresses;

    public int RunningTasks => _running.Count;

    protected NodeParts Node => node;

    protected ConnectionTable Connections => connections;

    public void Start(Listeners listeners)
    {
        _listeners = listeners;
        listener.AddressesChanged += listeners.PublishAddresses;
        listeners.PublishAddresses(); // before the first connection: who connects then asks for the addresses, and need not be told of them
        _running.TryRun(AcceptAsync);
    }

    public async ValueTask DisposeAsync()
    {
        _closing.Cancel();
        if (_listeners is not null)
        {
            listener.AddressesChanged -= _listeners.PublishAddresses;
        }

        ShutdownSequence shutdown = new(_log);
        await shutdown.RunAsync("a listener", listener.DisposeAsync);
        await shutdown.RunAsync("inbound upgrades", () => new ValueTask(_running.CloseAsync()));
        shutdown.ThrowIfFailed();
    }

    /// <summary>Takes a connection that was admitted to its lease, and makes it ready for streams.</summary>
    protected abstract ValueTask<UpgradedConnection> UpgradeAsync(
        IPendingConnection<TConnection> pending, ConnectionLease lease, CancellationToken cancellationToken);

    /// <summary>Accepts until the node closes; a listener that ends before listens no more, and that is logged.</summary>
    private async Task AcceptAsync()
    {
        Exception? failure = null;
        try
        {
            await AcceptAllAsync();
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // The node stops listening.
        }
        catch (Exception e) // third-party listeners may throw anything
        {
            failure = e;
        }

        if (_listeners!.Unlist(this))
        {
            ConnectionLog.ListeningEnded(_log, address, failure);
            await new ShutdownSequence(_log).RunAsync("a listener", listener.DisposeAsync);
            _listeners.PublishAddresses();
        }
    }

    private async Task AcceptAllAsync()
    {
        TimeSpan pause = s_firstPause;
        while (true)
        {
            try
            {
                if (await listener.AcceptAsync(_closing.Token) is not { } pending)
                {
                    return;
                }

                pause = s_firstPause;
                if (!_running.TryRun(() => ServeAsync(pending)))
                {
                    await pending.DisposeAsync();
                }
            }
            catch (IOException e)
            {
                // Nothing is left to accept with, file descriptors or memory, until other code gives some back.
                ConnectionLog.AcceptFailed(_log, address, pause, e);
                await Task.Delay(pause, node.Seams.Time, _closing.Token);
                pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
            }
        }
    }

    private async Task ServeAsync(IPendingConnection<TConnection> pending)
    {
        await using (pending)
        {
            if (node.Limits.TryLease(Direction.Inbound, pending.RemoteAddress, out string? refusal) is not { } lease)
            {
                ConnectionLog.InboundRefused(_log, pending.RemoteAddress, refusal!);
                return;
            }

            // After the lease: what waits for a gater's answer holds a socket, and is counted.
            refusal = await node.Gaters.RefusalAsync(
                pending.RemoteAddress, gater => gater.AllowAccept(pending.LocalAddress, pending.RemoteAddress), _closing.Token);
            if (refusal is not null)
            {
                lease.Dispose();
                ConnectionLog.InboundRefused(_log, pending.RemoteAddress, refusal);
                return;
            }

            using Deadline deadline = Deadline.Start(node.Options.InboundUpgradeTimeout, node.Seams.Time, _closing.Token);
            LeasedConnection made;
            try
            {
                made = await node.Abandoned.WaitAsync(
                    $"The upgrade of a connection from {pending.RemoteAddress}",
                    LeasedConnection.MakeAsync(lease, () => UpgradeAsync(pending, lease, deadline.Token)),
                    deadline.Token);
            }
            catch (Exception e) // third-party transports may throw anything
            {
                ConnectionLog.InboundFailed(_log, pending.RemoteAddress, deadline.IsOver ? deadline.Exceeded("The upgrade").Message : e.Message, e);
                return;
            }

            await AdmitAsync(made.Upgraded, lease);
        }
    }

    private async ValueTask AdmitAsync(UpgradedConnection upgraded, ConnectionLease lease)
    {
        try
        {
            await connections.AddAsync(upgraded, Direction.Inbound, lease, _closing.Token);
        }
        catch (Libp2pException e)
        {
            ConnectionLog.InboundRefused(_log, upgraded.RemoteAddress, e.Message);
        }
    }
}

/// <summary>A listener of byte links, which are upgraded.</summary>
internal sealed class LinkListener(ITransportListener<IByteLink> listener, Multiaddress address, NodeParts node, ConnectionTable connections)
    : NodeListener<IByteLink>(listener, address, node, connections)
{
    protected override async ValueTask<UpgradedConnection> UpgradeAsync(
        IPendingConnection<IByteLink> pending, ConnectionLease lease, CancellationToken cancellationToken)
    {
        IByteLink link = await pending.AcceptAsync(Connections.AdmissionFor(Direction.Inbound, () => pending.RemoteAddress, lease), cancellationToken);
        return await Node.Upgrader.UpgradeAsync(
            link, Connections.RequestFor(link, Direction.Inbound, ConnectionRole.Responder, ExpectedPeer.Anyone, lease), cancellationToken);
    }
}

/// <summary>A listener of connections that are secured and muxed by their transport.</summary>
internal sealed class ConnectionListener(
    ITransportListener<UpgradedConnection> listener, Multiaddress address, NodeParts node, ConnectionTable connections)
    : NodeListener<UpgradedConnection>(listener, address, node, connections)
{
    protected override ValueTask<UpgradedConnection> UpgradeAsync(
        IPendingConnection<UpgradedConnection> pending, ConnectionLease lease, CancellationToken cancellationToken) =>
        pending.AcceptAsync(Connections.AdmissionFor(Direction.Inbound, () => pending.RemoteAddress, lease), cancellationToken);
}
