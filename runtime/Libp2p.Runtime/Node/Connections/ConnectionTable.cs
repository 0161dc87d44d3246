using System.Diagnostics;
using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Transports;
using Microsoft.Extensions.Logging;

namespace Libp2p.Node.Connections;

/// <summary>Admits connections to a node, runs them, and closes them with it.</summary>
internal sealed class ConnectionTable
{
    private const int MaxTimeToEnd = 4; // close timeouts: goodbye and handlers have one each, and some grace

    private readonly Lock _lock = new();
    private readonly OpenConnections _open = new(); // changed under the lock
    private readonly List<(PeerId Peer, TaskCompletionSource<PeerConnection> Opened)> _awaited = [];
    private readonly TaskSet _running = new();
    private readonly NodeParts _node;
    private readonly ILogger _log;
    private readonly IEventSubscription<PeerProtocolsChanged> _protocolChanges;
    private long _lastId;
    private bool _isDraining;
    private bool _isClosing;

    public ConnectionTable(NodeParts node)
    {
        _node = node;
        _log = node.Logging.CreateLogger<ConnectionTable>();
        node.Instruments.Observe(node.Limits);
        _protocolChanges = node.Events.Subscribe<PeerProtocolsChanged>();
        _running.TryRun(LearnAsync);
    }

    public IReadOnlyList<PeerConnection> Open => _open.All;

    /// <summary>Tasks of the table, and of what the connections serve.</summary>
    public int RunningTasks => _running.Count + Open.Sum(connection => connection.RunningTasks);

    /// <inheritdoc cref="OpenConnections.Best"/>
    public PeerConnection? Best(PeerId peer, bool allowLimited) => _open.Best(peer, allowLimited);

    /// <summary>The next direct connection that the peer opens.</summary>
    public async Task<PeerConnection> NextInboundAsync(PeerId peer, CancellationToken cancellationToken)
    {
        (PeerId Peer, TaskCompletionSource<PeerConnection> Opened) awaited = (peer, new(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_lock)
        {
            _awaited.Add(awaited);
        }

        try
        {
            using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
                static (state, token) => ((TaskCompletionSource<PeerConnection>)state!).TrySetCanceled(token), awaited.Opened);
            return await awaited.Opened.Task;
        }
        finally
        {
            Forget(awaited);
        }
    }

    /// <summary>What a connection in the making may spend, and the judge of its remote.</summary>
    public ConnectionAdmission AdmissionFor(Direction direction, Func<Multiaddress> remoteAddress, ConnectionLease lease) =>
        new(lease, security => Admit(direction, security.RemotePeer, lease))
        {
            AdmitAsync = _node.Gaters.IsEmpty ? null : (security, token) => JudgeAsync(direction, security.RemotePeer, remoteAddress(), lease, token),
        };

    /// <summary>The request to upgrade a link whose remote is judged here.</summary>
    public UpgradeRequest RequestFor(IByteLink link, Direction direction, ConnectionRole role, ExpectedPeer expected, ConnectionLease lease)
    {
        ConnectionAdmission admission = AdmissionFor(direction, () => link.RemoteAddress, lease);
        return new UpgradeRequest(role, expected, lease) { Admit = admission.Admit, AdmitAsync = admission.AdmitAsync };
    }

    /// <summary>Admits an upgraded connection and runs it. Takes ownership of connection and lease, also when it throws.</summary>
    /// <param name="upgraded">The connection.</param>
    /// <param name="direction">Which end opened it.</param>
    /// <param name="lease">Its lease. Where no peer is attributed to it yet, the remote is judged now.</param>
    /// <param name="cancellationToken">Ends the wait for the gaters, who have refused then.</param>
    /// <param name="isIsolated">Whether no other caller is to be given it.</param>
    /// <exception cref="LimitExceededException">The peer has too many connections.</exception>
    /// <exception cref="HandshakeException">A gater refused it, it leads to ourselves, or the node is closing.</exception>
    public async ValueTask<PeerConnection> AddAsync(
        UpgradedConnection upgraded, Direction direction, ConnectionLease lease, CancellationToken cancellationToken, bool isIsolated = false)
    {
        PeerId peer = upgraded.Security.RemotePeer;
        EndReason? refusal = lease.Peer is null ? Admit(direction, peer, lease)
            : lease.Peer != peer ? new EndReason(EndedBy.Violation, ErrorCode.ProtocolViolation, $"{peer} was admitted as {lease.Peer}")
            : null;
        refusal ??= lease.IsJudged ? null : await JudgeAsync(direction, peer, upgraded.RemoteAddress, lease, cancellationToken);
        refusal ??= Gated(await _node.Gaters.RefusalAsync(peer, gater => gater.AllowUpgraded(direction, upgraded), cancellationToken));
        if (refusal is null)
        {
            PeerConnection connection = new(Interlocked.Increment(ref _lastId), upgraded, direction, lease, _node) { IsIsolated = isIsolated };
            if (TryRun(connection))
            {
                return connection;
            }

            refusal = new EndReason(EndedBy.Local, ErrorCode.Shutdown, "The node is closing");
        }

        if (!_running.TryRun(() => OrderlyClose.RefuseAsync(upgraded, lease, refusal, _node, _log)))
        {
            await OrderlyClose.RefuseAsync(upgraded, lease, refusal, _node, _log); // only the caller is left to wait for it
        }

        throw refusal.By == EndedBy.Limit ? new LimitExceededException(refusal.Reason) : new HandshakeException(refusal.Reason, refusal.By);
    }

    /// <summary>From now on remotes open no more streams, on no connection.</summary>
    public void RefuseStreams()
    {
        lock (_lock)
        {
            _isDraining = true;
        }

        foreach (PeerConnection connection in Open)
        {
            connection.RefuseStreams();
        }
    }

    /// <summary>Waits until no stream is open on any connection that is open now.</summary>
    public Task DrainAsync(CancellationToken cancellationToken) => Task.WhenAll(Open.Select(connection => connection.DrainAsync(cancellationToken)));

    /// <summary>Closes all connections in order, aborts what is left when the time is over, and waits until nothing runs.</summary>
    public async Task CloseAsync()
    {
        EndReason reason = new(EndedBy.Local, ErrorCode.None, "The node is closing");
        lock (_lock)
        {
            _isClosing = true; // a connection that comes now would not be closed: it is refused
        }

        _protocolChanges.Dispose();
        TimeSpan time = _node.Options.CloseTimeout;
        TimeSpan limit = time > TimeSpan.Zero && time < TimeSpan.FromDays(1) ? MaxTimeToEnd * time : time; // or infinite
        using Deadline deadline = Deadline.Start(limit, _node.Seams.Time, CancellationToken.None);
        try
        {
            await _node.Abandoned.WaitAsync("The end of the connections", LeaveAllAsync(reason), deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsOver)
        {
            // What applications registered on a token has not returned: it is listed in the node's state until it does.
        }
    }

    private async Task LeaveAllAsync(EndReason reason)
    {
        using CancellationTokenSource patience = new(_node.Options.CloseTimeout, _node.Seams.Time);
        await Task.WhenAll(Open.Select(LeaveAsync));
        await _running.CloseAsync();

        async Task LeaveAsync(PeerConnection connection)
        {
            await Task.Yield(); // leaving runs what handlers registered on their tokens, and one that blocks holds up its own connection only
            await connection.LeaveAsync(reason, patience.Token);
        }
    }

    /// <summary>Moves the lease to an authenticated remote, if it may have the connection. Null: it may go on.</summary>
    private EndReason? Admit(Direction direction, PeerId peer, ConnectionLease lease)
    {
        if (peer == _node.Self)
        {
            return new EndReason(EndedBy.Local, ErrorCode.Gated, "The connection leads to this node itself");
        }

        if (!lease.TryAttribute(peer, out string? full))
        {
            return new EndReason(EndedBy.Limit, ErrorCode.ResourceLimitExceeded, full);
        }

        return null;
    }

    /// <summary>Asks the gaters about an authenticated remote. Null: it may go on.</summary>
    private async ValueTask<EndReason?> JudgeAsync(
        Direction direction, PeerId peer, Multiaddress remoteAddress, ConnectionLease lease, CancellationToken cancellationToken)
    {
        lease.IsJudged = true;
        return Gated(await _node.Gaters.RefusalAsync(peer, gater => gater.AllowSecured(direction, peer, remoteAddress), cancellationToken));
    }

    private static EndReason? Gated(string? refusal) => refusal is null ? null : new EndReason(EndedBy.Local, ErrorCode.Gated, refusal);

    /// <summary>Lists a connection and runs it; false when the node is closing.</summary>
    private bool TryRun(PeerConnection connection)
    {
        TaskCompletionSource<PeerConnection>[] awaiting;
        lock (_lock)
        {
            if (_isClosing)
            {
                return false;
            }

            _open.Add(connection);
            if (_isDraining)
            {
                connection.RefuseStreams();
            }

            awaiting = connection is { Direction: Direction.Inbound, IsRelayed: false }
                ? [.. _awaited.Where(awaited => awaited.Peer == connection.RemotePeer).Select(awaited => awaited.Opened)]
                : [];
        }

        if (!_running.TryRun(static run => run.Table.RunAsync(run.Connection), (Table: this, Connection: connection)))
        {
            Remove(connection);
            return false;
        }

        foreach (TaskCompletionSource<PeerConnection> opened in awaiting)
        {
            opened.TrySetResult(connection);
        }

        return true;
    }

    private async Task RunAsync(PeerConnection connection)
    {
        Activity.Current = null; // what is served here is no part of the dial that made the connection
        using IDisposable? protection = _node.Protect(connection.RemotePeer);
        _node.Instruments.ConnectionOpened(connection);
        ConnectionLog.Opened(_log, connection.Id, connection.RemotePeer, connection.RemoteAddress, connection.Direction);
        _node.Events.Publish(new ConnectionOpened(connection));
        EndReason reason = await connection.RunAsync();
        Remove(connection);
        _node.Instruments.ConnectionClosed(connection, reason);
        ConnectionLog.Ended(_log, connection.Id, reason.ToString());
        _node.Events.Publish(new ConnectionClosed(connection, reason));
    }

    /// <summary>Passes on to the connections of a peer what it supports.</summary>
    private async Task LearnAsync()
    {
        await foreach (PeerProtocolsChanged change in _protocolChanges)
        {
            foreach (PeerConnection connection in _open.Of(change.Peer))
            {
                connection.Protocols.Told(change.Protocols);
            }
        }
    }

    private void Remove(PeerConnection connection)
    {
        lock (_lock)
        {
            _open.Remove(connection);
        }
    }

    private void Forget((PeerId, TaskCompletionSource<PeerConnection>) awaited)
    {
        lock (_lock)
        {
            _awaited.Remove(awaited);
        }
    }
}
