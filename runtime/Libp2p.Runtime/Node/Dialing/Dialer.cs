using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Node.Connections;
using Libp2p.Node.State;
using Libp2p.Node.Streams;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Services;
using Libp2p.Transports;
using Microsoft.Extensions.Logging;

namespace Libp2p.Node.Dialing;

/// <summary>Makes connections: an open one where that will do, a dial that is going on, or a new one, its addresses raced.</summary>
internal sealed class Dialer : IDialer, IAsyncDisposable
{
    private static readonly TimeSpan s_addressLifetime = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<(PeerId Peer, bool AllowLimited), SharedDial> _dialling = [];
    private readonly TaskSet _running = new(); // dials, and what is left of them when they are over
    private readonly CancellationTokenSource _closing = new(); // has neither timer nor links: nothing to dispose of
    private readonly NodeParts _node;
    private readonly ConnectionTable _connections;
    private readonly DialAttempts _attempts;
    private readonly AddressResolver _resolver;
    private readonly ILogger _log;

    public Dialer(NodeParts node, ConnectionTable connections)
    {
        _node = node;
        _connections = connections;
        _log = node.Logging.CreateLogger<Dialer>();
        _attempts = new DialAttempts(node, connections, _log);
        _resolver = new AddressResolver(node.Resolver);
        connections.Accepted = OnAccepted;
    }

    public IReadOnlyList<IPeerConnection> Connections => _connections.Open;

    /// <summary>Dials, and what is left of them.</summary>
    public int RunningTasks => _running.Count;

    public T Client<T>(Protocol<T> protocol, PeerId peer)
        where T : class => _node.Client(protocol, new PeerStreams(this, _node, peer));

    public async ValueTask<IPeerConnection> ConnectAsync(DialRequest request, CancellationToken cancellationToken)
    {
        await _node.Seams.Scheduler.Enter();
        return request is { ExpectedPeer.Peer: { } peer, ForceNew: false, Isolated: false, Role: ConnectionRole.Initiator, SourcePort: SourcePort.Default }
            ? await FindOrJoinAsync(peer, request, cancellationToken)
            : await DialAsync(NewRace(request), request, null, cancellationToken);
    }

    public async ValueTask<IPeerConnection> AdoptAsync(
        IByteLink link, Direction direction, ConnectionRole role, ExpectedPeer expectedPeer, CancellationToken cancellationToken)
    {
        await _node.Seams.Scheduler.Enter();
        Task<PeerConnection>? adopting = null;
        if (!_running.TryRun(() => Waits.SettleAsync(adopting = AdoptLinkAsync(link, direction, role, expectedPeer, cancellationToken))))
        {
            ConnectionClosedException closing = IsClosing();
            await DropAsync(link, closing.Reason);
            throw closing;
        }

        return await adopting!;
    }

    /// <summary>The dials that callers wait for, in no order.</summary>
    public IReadOnlyList<DialState> Describe()
    {
        lock (_lock)
        {
            return [.. _dialling.Select(dial => new DialState(dial.Key.Peer, dial.Value.Waiting, dial.Value.Race.Describe()))];
        }
    }

    /// <summary>The addresses that all dials try.</summary>
    public DialAttemptsState DescribeAttempts() => _attempts.Describe();

    /// <summary>Ends all dials, and waits until nothing of them runs.</summary>
    public async ValueTask DisposeAsync()
    {
        _closing.Cancel();
        await _running.CloseAsync();
    }

    /// <summary>
    /// An open connection, a dial that is going on and takes our addresses along, or a new one. A joined dial that was over already, or
    /// had too many addresses to try ours, is followed by our own, within the time that is left.
    /// </summary>
    private async Task<PeerConnection> FindOrJoinAsync(PeerId peer, DialRequest request, CancellationToken cancellationToken)
    {
        using Deadline deadline = Deadline.Start(request.Timeout ?? _node.Options.DialTimeout, _node.Seams.Time, cancellationToken);
        while (true)
        {
            (PeerConnection? open, SharedDial? dial, bool isOurs, bool isHeard) = FindOrJoin(peer, request);
            if (dial is null)
            {
                return open!;
            }

            try
            {
                return await WaitAsync(peer, dial, request, deadline);
            }
            catch (DialException) when (!isOurs && !deadline.IsOver && !(isHeard && dial.Race.HasTried(request.Addresses)))
            {
                // Somebody else's addresses failed, ours have not been tried.
            }
        }
    }

    /// <summary>
    /// An open connection, or the dial to wait for, and whether it takes our addresses along. In one step: a dial that ends between two
    /// would not be seen, nor its connection.
    /// </summary>
    private (PeerConnection? Open, SharedDial? Dial, bool IsOurs, bool IsHeard) FindOrJoin(PeerId peer, DialRequest request)
    {
        lock (_lock)
        {
            if (_connections.Best(peer, request.AllowLimited) is { } open)
            {
                return (open, null, false, false);
            }

            if (_dialling.TryGetValue((peer, request.AllowLimited), out SharedDial? dial))
            {
                dial.Waiting++;
                return (null, dial, false, dial.Race.Join(DialOffer.Of(request)));
            }

            _dialling[(peer, request.AllowLimited)] = dial = new SharedDial(NewRace(request)) { Waiting = 1 };
            dial.Task = RunAsync(peer, dial, request);
            return (null, dial, true, true);
        }
    }

    /// <summary>Waits for a dial, each for as long as wanted. The dial itself ends when the last who waits gives up.</summary>
    private async Task<PeerConnection> WaitAsync(PeerId peer, SharedDial dial, DialRequest request, Deadline deadline)
    {
        DialException? tooLate = null;
        try
        {
            return await dial.Task.WaitAsync(deadline.Token);
        }
        catch (OperationCanceledException e) when (deadline.IsOver)
        {
            throw tooLate = dial.Race.Report(deadline.Exceeded("The dial", e));
        }
        finally
        {
            if (IsAbandoned(peer, dial, request, tooLate))
            {
                await dial.DisposeAsync();
            }
        }
    }

    /// <summary>One who waited does so no more; true if it was the last one.</summary>
    private bool IsAbandoned(PeerId peer, SharedDial dial, DialRequest request, DialException? tooLate)
    {
        lock (_lock)
        {
            if (--dial.Waiting > 0)
            {
                return false;
            }

            dial.TooLate = tooLate;
            Forget(peer, dial, request); // whoever comes now dials anew
            return true;
        }
    }

    private async Task<PeerConnection> RunAsync(PeerId peer, SharedDial dial, DialRequest request)
    {
        await Task.Yield(); // the table is locked until the dial is in it
        try
        {
            return await DialAsync(dial.Race, request, dial, dial.Token);
        }
        finally
        {
            Forget(peer, dial, request);
        }
    }

    private void Forget(PeerId peer, SharedDial dial, DialRequest request)
    {
        lock (_lock)
        {
            if (_dialling.GetValueOrDefault((peer, request.AllowLimited)) == dial)
            {
                _dialling.Remove((peer, request.AllowLimited));
            }
        }
    }

    private DialRace NewRace(DialRequest request) => new(request, _node, _attempts, _resolver, _connections);

    private async Task<PeerConnection> DialAsync(DialRace race, DialRequest request, SharedDial? shared, CancellationToken cancellationToken)
    {
        Task<PeerConnection> dial = _node.Instruments.DialAsync(request.ExpectedPeer.Peer, () => RunAsync(race, request, shared, cancellationToken));
        _running.TryRun(() => Waits.SettleAsync(dial));
        PeerConnection connection = await dial;
        if (!_running.TryRun(() => AfterAsync(race, request, connection)))
        {
            await race.DisposeAsync();
        }

        return connection;
    }

    private async Task<PeerConnection> RunAsync(DialRace race, DialRequest request, SharedDial? shared, CancellationToken cancellationToken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        TimeSpan? limit = shared is null ? request.Timeout ?? _node.Options.DialTimeout : null; // those who wait for a shared one have theirs
        using Deadline deadline = Deadline.Start(limit, _node.Seams.Time, either.Token);
        try
        {
            return await race.RunAsync(deadline);
        }
        catch (OperationCanceledException e) when (_closing.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw race.Report(IsClosing(e));
        }
        catch (OperationCanceledException) when (shared?.TooLate is { } tooLate)
        {
            throw tooLate;
        }
    }

    private async Task<PeerConnection> AdoptLinkAsync(
        IByteLink link, Direction direction, ConnectionRole role, ExpectedPeer expectedPeer, CancellationToken cancellationToken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        if (!_node.Limits.TryOpenConnection(direction, link.RemoteAddress, out IConnectionLease? lease, out string? refusal))
        {
            LimitExceededException full = new(refusal);
            await DropAsync(link, full.Reason);
            throw full;
        }

        UpgradedConnection upgraded;
        try
        {
            upgraded = await _node.Upgrader.UpgradeAsync(link, _connections.RequestFor(link, direction, role, expectedPeer, lease), either.Token);
        }
        catch (Exception e)
        {
            lease.Dispose();
            if (e is OperationCanceledException && _closing.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw IsClosing(e);
            }

            throw;
        }

        return await _connections.AddAsync(upgraded, direction, lease, isAdmitted: true);
    }

    /// <summary>Ends a link that was taken over and comes to nothing.</summary>
    private static async ValueTask DropAsync(IByteLink link, EndReason reason)
    {
        link.Abort(reason);
        try
        {
            await link.DisposeAsync();
        }
        catch (IOException)
        {
            // It was broken already.
        }
    }

    private static ConnectionClosedException IsClosing(Exception? cause = null) =>
        new("The node is closing", new EndReason(EndedBy.Local, ErrorCode.Shutdown, "The node is closing", cause));

    /// <summary>Ends the attempts that lost, and remembers the address that won.</summary>
    private async Task AfterAsync(DialRace race, DialRequest request, PeerConnection connection)
    {
        Task settling = race.DisposeAsync().AsTask();
        if (race.Winner is { } winner && !request.Isolated && !connection.IsRelayed)
        {
            try
            {
                await _node.Peers.AddAddressesAsync(connection.RemotePeer, [winner.Target], AddressSource.Connected, s_addressLifetime, _closing.Token);
            }
            catch (Exception e) // the store is anybody's, and the connection does not depend on it
            {
                ConnectionLog.PeerStoreFailed(_log, connection.Id, e.Message, e);
            }
        }

        await settling;
    }

    /// <summary>
    /// Where two peers dial each other at the same time, the one with the greater id takes the connection that it accepted and ends its
    /// own dial: if both did, none would be left.
    /// </summary>
    private void OnAccepted(PeerConnection connection)
    {
        if (connection.IsRelayed || _node.Self < connection.RemotePeer)
        {
            return;
        }

        DialRace?[] races;
        lock (_lock)
        {
            races = [_dialling.GetValueOrDefault((connection.RemotePeer, true))?.Race, _dialling.GetValueOrDefault((connection.RemotePeer, false))?.Race];
        }

        foreach (DialRace? race in races)
        {
            race?.EndWith(connection);
        }
    }
}
