using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Transports;
using Microsoft.Extensions.Logging;

namespace Libp2p.Hosting;

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
        where T : class => protocol.CreateClient(new PeerStreams(this, _node, peer));

    public async ValueTask<IPeerConnection> ConnectAsync(DialRequest request, CancellationToken cancellationToken)
    {
        await _node.Seams.Scheduler.Enter();
        return request is { ExpectedPeer.Peer: { } peer, ForceNew: false, Isolated: false, Role: ConnectionRole.Initiator, SourcePort: SourcePort.Default }
            ? await FindOrJoinAsync(peer, request, cancellationToken)
            : await DialAsync(request, null, cancellationToken);
    }

    public async ValueTask<IPeerConnection> AdoptAsync(
        IByteLink link, Direction direction, ConnectionRole role, ExpectedPeer expectedPeer, CancellationToken cancellationToken)
    {
        await _node.Seams.Scheduler.Enter();
        Task<PeerConnection>? adopting = null;
        if (!_running.TryRun(() => Tasks.Settle(adopting = AdoptLinkAsync(link, direction, role, expectedPeer, cancellationToken))))
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
            return [.. _dialling.Select(dial => new DialState(dial.Key.Peer, dial.Value.Waiting, dial.Value.Race?.Describe() ?? []))];
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

    /// <summary>An open connection, a dial that is going on, or a new one; a joined dial that did not know our addresses is followed by our own.</summary>
    private async Task<PeerConnection> FindOrJoinAsync(PeerId peer, DialRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            (PeerConnection? open, SharedDial? dial, bool isOurs) = FindOrJoin(peer, request);
            if (dial is null)
            {
                return open!;
            }

            try
            {
                return await WaitAsync(peer, dial, isOurs, request, cancellationToken);
            }
            catch (DialException e) when (!isOurs && request.Addresses.Any(address => e.Attempts.All(tried => tried.Address != address)))
            {
                // Somebody else's addresses failed, ours have not been tried.
            }
        }
    }

    /// <summary>An open connection, or the dial to wait for. In one step: a dial that ends between two would not be seen, nor its connection.</summary>
    private (PeerConnection? Open, SharedDial? Dial, bool IsOurs) FindOrJoin(PeerId peer, DialRequest request)
    {
        lock (_lock)
        {
            if (_connections.Best(peer, request.AllowLimited) is { } open)
            {
                return (open, null, false);
            }

            bool isOurs = !_dialling.TryGetValue((peer, request.AllowLimited), out SharedDial? dial);
            if (dial is null)
            {
                _dialling[(peer, request.AllowLimited)] = dial = new SharedDial();
                dial.Task = RunAsync(peer, dial, request);
            }

            dial.Waiting++;
            return (null, dial, isOurs);
        }
    }

    /// <summary>Waits for a dial, each for as long as wanted. The dial itself ends when the last who waits gives up.</summary>
    private async Task<PeerConnection> WaitAsync(PeerId peer, SharedDial dial, bool isOurs, DialRequest request, CancellationToken cancellationToken)
    {
        using Deadline deadline = Deadline.Start(isOurs ? null : request.Timeout ?? _node.Options.DialTimeout, _node.Seams.Time, cancellationToken);
        try
        {
            return await dial.Task.WaitAsync(deadline.Token);
        }
        catch (OperationCanceledException e) when (deadline.IsOver)
        {
            DeadlineExceededException exceeded = deadline.Exceeded("The dial", e);
            throw dial.Race?.Report(exceeded) ?? new DialException(peer, []);
        }
        finally
        {
            if (IsAbandoned(peer, dial, request))
            {
                await dial.DisposeAsync();
            }
        }
    }

    /// <summary>One who waited does so no more; true if it was the last one.</summary>
    private bool IsAbandoned(PeerId peer, SharedDial dial, DialRequest request)
    {
        lock (_lock)
        {
            if (--dial.Waiting > 0)
            {
                return false;
            }

            Forget(peer, dial, request); // whoever comes now dials anew
            return true;
        }
    }

    private async Task<PeerConnection> RunAsync(PeerId peer, SharedDial dial, DialRequest request)
    {
        await Task.Yield(); // the table is locked until the dial is in it
        try
        {
            return await DialAsync(request, dial, dial.Token);
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

    private async Task<PeerConnection> DialAsync(DialRequest request, SharedDial? shared, CancellationToken cancellationToken)
    {
        DialRace race = new(request, _node, _attempts, _resolver, _connections);
        if (shared is not null)
        {
            shared.Race = race;
        }

        Task<PeerConnection> dial = _node.Instruments.DialAsync(request.ExpectedPeer.Peer, () => RunAsync(race, request, cancellationToken));
        _running.TryRun(() => Tasks.Settle(dial));
        PeerConnection connection = await dial;
        if (!_running.TryRun(() => AfterAsync(race, request, connection)))
        {
            await race.DisposeAsync();
        }

        return connection;
    }

    private async Task<PeerConnection> RunAsync(DialRace race, DialRequest request, CancellationToken cancellationToken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        using Deadline deadline = Deadline.Start(request.Timeout ?? _node.Options.DialTimeout, _node.Seams.Time, either.Token);
        try
        {
            return await race.RunAsync(await AddressesAsync(request, deadline.Token), deadline);
        }
        catch (OperationCanceledException e) when (_closing.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw race.Report(IsClosing(e));
        }
        catch (OperationCanceledException e) when (deadline.IsOver)
        {
            throw race.Report(deadline.Exceeded("The dial", e)); // the peer store was too slow
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

    private async ValueTask<IReadOnlyList<Multiaddress>> AddressesAsync(DialRequest request, CancellationToken cancellationToken)
    {
        if (request.Addresses.Count > 0 || request.ExpectedPeer.Peer is not { } peer)
        {
            return request.Addresses;
        }

        PeerInfo? known = await _node.Peers.GetAsync(peer, cancellationToken);
        return [.. (known?.Addresses ?? []).Select(address => address.Address)];
    }

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
