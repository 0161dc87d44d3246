using System.Diagnostics;
using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Scheduling;
using Libp2p.Security;
using Microsoft.Extensions.Logging;

namespace Libp2p.Node.Connections;

/// <summary>The open connections of a node, in the order they came to be, and the tasks that run them.</summary>
internal sealed class ConnectionTable
{
    private readonly Lock _lock = new();
    private readonly List<PeerConnection> _open = [];
    private readonly TaskSet _running = new();
    private readonly NodeParts _node;
    private readonly ILogger _log;
    private readonly IEventSubscription<PeerProtocolsChanged> _told;
    private long _lastId;
    private bool _isDraining;
    private bool _isClosing;

    public ConnectionTable(NodeParts node)
    {
        _node = node;
        _log = node.Logging.CreateLogger<ConnectionTable>();
        node.Instruments.Observe(node.Limits);
        _told = node.Events.Subscribe<PeerProtocolsChanged>();
        _running.TryRun(LearnAsync);
    }

    /// <summary>Told of each connection that a remote opened. Set once, when the node is made.</summary>
    public Action<PeerConnection>? Accepted { get; set; }

    public IReadOnlyList<PeerConnection> Open
    {
        get
        {
            lock (_lock)
            {
                return [.. _open];
            }
        }
    }

    /// <summary>Tasks of the table, and of what the connections serve.</summary>
    public int RunningTasks => _running.Count + Open.Sum(connection => connection.RunningTasks);

    /// <summary>The best connection with a peer that takes streams: direct before relayed, that before limited, then the newest.</summary>
    public PeerConnection? Best(PeerId peer, bool allowLimited)
    {
        lock (_lock)
        {
            return _open.FindLast(connection => IsFit(connection) && !connection.IsRelayed)
                ?? _open.FindLast(connection => IsFit(connection) && connection.Limit is null)
                ?? (allowLimited ? _open.FindLast(IsFit) : null);
        }

        bool IsFit(PeerConnection connection) => connection.RemotePeer == peer && connection.TakesStreams && !connection.IsIsolated;
    }

    /// <summary>Judges an authenticated remote, and moves its lease to it. Null: it may go on.</summary>
    public EndReason? Admit(Direction direction, PeerId peer, Multiaddress remoteAddress, IConnectionLease lease)
    {
        if (peer == _node.Self)
        {
            return new EndReason(EndedBy.Local, ErrorCode.Gated, "The connection leads to this node itself");
        }

        if (!lease.TryAttribute(peer, out string? full))
        {
            return new EndReason(EndedBy.Limit, ErrorCode.ResourceLimitExceeded, full);
        }

        return _node.Allows(gater => gater.AllowSecured(direction, peer, remoteAddress)) ? null : Gated(peer);
    }

    /// <summary>The request to upgrade a link whose remote is judged here.</summary>
    public UpgradeRequest RequestFor(IByteLink link, Direction direction, ConnectionRole role, ExpectedPeer expected, IConnectionLease lease) =>
        new(role, expected, lease) { Admit = security => Admit(direction, security.RemotePeer, link.RemoteAddress, lease) };

    /// <summary>Admits an upgraded connection and runs it. Takes ownership of connection and lease, also when it throws.</summary>
    /// <param name="upgraded">The connection.</param>
    /// <param name="direction">Who opened it.</param>
    /// <param name="lease">Its lease.</param>
    /// <param name="isAdmitted">Whether <see cref="Admit"/> was asked: the upgrader does, transports with security of their own do not.</param>
    /// <param name="isIsolated">Whether nobody else is to be given it.</param>
    /// <exception cref="LimitExceededException">The peer has too many connections.</exception>
    /// <exception cref="HandshakeException">A gater refused it, it leads to ourselves, or the node is closing.</exception>
    public async ValueTask<PeerConnection> AddAsync(
        UpgradedConnection upgraded, Direction direction, IConnectionLease lease, bool isAdmitted, bool isIsolated = false)
    {
        PeerId peer = upgraded.Security.RemotePeer;
        EndReason? refusal = isAdmitted ? null : Admit(direction, peer, upgraded.RemoteAddress, lease);
        refusal ??= _node.Allows(gater => gater.AllowUpgraded(direction, upgraded)) ? null : Gated(peer);
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
            await OrderlyClose.RefuseAsync(upgraded, lease, refusal, _node, _log); // nobody but the caller waits for it any more
        }

        throw refusal.By == EndedBy.Limit ? new LimitExceededException(refusal.Reason) : new HandshakeException(refusal.Reason, refusal.By);
    }

    /// <summary>From now on remotes open no more streams, on no connection.</summary>
    public void RefuseStreams()
    {
        lock (_lock)
        {
            _isDraining = true;
            _open.ForEach(static connection => connection.RefuseStreams());
        }
    }

    /// <summary>Waits until no stream is open on any connection that is open now.</summary>
    public Task DrainAsync(CancellationToken cancellationToken) => Task.WhenAll(Open.Select(connection => connection.DrainAsync(cancellationToken)));

    /// <summary>Closes all connections in order, aborts what is left when the time is over, and waits until nothing runs.</summary>
    public async Task CloseAsync()
    {
        EndReason reason = new(EndedBy.Local, ErrorCode.None, "The node is closing");
        PeerConnection[] open;
        lock (_lock)
        {
            _isClosing = true; // what comes now would not be closed: it is refused
            open = [.. _open];
        }

        _told.Dispose();
        using CancellationTokenSource patience = new(_node.Options.CloseTimeout, _node.Seams.Time);
        await Task.WhenAll(open.Select(connection => connection.LeaveAsync(reason, patience.Token)));
        await _running.CloseAsync();
    }

    private static EndReason Gated(PeerId peer) => new(EndedBy.Local, ErrorCode.Gated, $"The gater refused {peer}");

    /// <summary>Lists a connection and runs it; false when the node is closing.</summary>
    private bool TryRun(PeerConnection connection)
    {
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
        }

        if (!_running.TryRun(() => RunAsync(connection)))
        {
            Remove(connection);
            return false;
        }

        if (connection.Direction == Direction.Inbound)
        {
            Accepted?.Invoke(connection);
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

    /// <summary>Passes on what peers tell of themselves to their connections.</summary>
    private async Task LearnAsync()
    {
        await foreach (PeerProtocolsChanged change in _told)
        {
            foreach (PeerConnection connection in Open.Where(connection => connection.RemotePeer == change.Peer))
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
}
