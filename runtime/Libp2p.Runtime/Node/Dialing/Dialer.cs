using Libp2p.Connections;
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
internal sealed class Dialer : IDialer, IPeerConnections, IAsyncDisposable
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
    private readonly AdoptedConnections _adopted;
    private readonly ILogger _log;

    public Dialer(NodeParts node, ConnectionTable connections)
    {
        _node = node;
        _connections = connections;
        _log = node.Logging.CreateLogger<Dialer>();
        _attempts = new DialAttempts(node, connections, _log);
        _resolver = new AddressResolver(node.Resolver, node.Abandoned);
        _adopted = new AdoptedConnections(node, connections, _closing.Token);
        Kept = new KeptPeers(node.Self, this, node.Seams, node.Protect);
    }

    public IReadOnlyList<IPeerConnection> Connections => _connections.Open;

    /// <summary>The peers that are kept connected.</summary>
    public KeptPeers Kept { get; }

    /// <summary>Dials, and what is left of them.</summary>
    public int RunningTasks => _running.Count + _adopted.RunningTasks;

    public T Client<T>(Protocol<T> protocol, PeerId peer)
        where T : class => _node.Client(protocol, new PeerStreams(this, _node, peer));

    public IAsyncDisposable KeepConnected(PeerId peer) => Kept.Keep(peer);

    public IStreamOpener? Find(PeerId peer, bool allowLimited) => _connections.Best(peer, allowLimited);

    public async ValueTask<IStreamOpener> ConnectAsync(PeerId peer, bool allowLimited, CancellationToken cancellationToken) =>
        (PeerConnection)await ConnectAsync(new DialRequest { ExpectedPeer = ExpectedPeer.Exactly(peer), AllowLimited = allowLimited }, cancellationToken);

    public async ValueTask<IPeerConnection> ConnectAsync(DialRequest request, CancellationToken cancellationToken)
    {
        await _node.Seams.Scheduler.Enter();
        try
        {
            if (request is { ExpectedPeer.Peer: { } peer, ForceNew: false, Isolated: false, Role: ConnectionRole.Initiator, SourcePort: SourcePort.Default })
            {
                PeerConnection shared = _connections.Best(peer, request.AllowLimited) ?? await FindOrJoinAsync(peer, request, cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
                return shared;
            }

            PeerConnection own = await CleanContext.RunAsync(() => DialAsync(NewRace(request), request, null, cancellationToken));
            if (cancellationToken.IsCancellationRequested)
            {
                Leave(own);
                cancellationToken.ThrowIfCancellationRequested();
            }

            return own;
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested && !(e is OperationCanceledException cancelled && cancelled.CancellationToken == cancellationToken))
        {
            throw new OperationCanceledException($"The dial of {request.ExpectedPeer} was cancelled by its caller", e, cancellationToken);
        }
    }

    public async ValueTask<IPeerConnection> AdoptAsync(IByteLink link, Adoption adoption, CancellationToken cancellationToken)
    {
        await _node.Seams.Scheduler.Enter();
        return await CleanContext.RunAsync(() => _adopted.AdoptAsync(link, adoption, cancellationToken));
    }

    public async ValueTask<IPeerConnection> AdoptAsync(UpgradedConnection connection, Adoption adoption, CancellationToken cancellationToken)
    {
        await _node.Seams.Scheduler.Enter();
        return await CleanContext.RunAsync(() => _adopted.AdoptAsync(connection, adoption, cancellationToken));
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
    public DialAttemptsState DescribeAttempts()
    {
        (int running, int waiting) = _attempts.Places.Count;
        return new DialAttemptsState(_node.Options.MaxConcurrentDialAttempts, running, waiting);
    }

    /// <summary>Ends all dials, and waits until nothing of them runs.</summary>
    public async ValueTask DisposeAsync()
    {
        _closing.Cancel();
        await _running.CloseAsync();
        await _adopted.CloseAsync();
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
            (PeerConnection? open, SharedDial? dial, bool isOurs, bool isTaken) = FindOrJoin(peer, request);
            if (dial is null)
            {
                return open!;
            }

            try
            {
                return await WaitAsync(peer, dial, request, deadline);
            }
            catch (DialException) when (!isOurs && !deadline.IsOver && !(isTaken && dial.Race.HasTried(request.Addresses)))
            {
                // Another caller's addresses failed, ours have not been tried.
            }
        }
    }

    /// <summary>
    /// An open connection, or the dial to wait for, and whether it takes our addresses along. In one step: a dial that ends between two
    /// would not be seen, nor its connection.
    /// </summary>
    private (PeerConnection? Open, SharedDial? Dial, bool IsOurs, bool IsTaken) FindOrJoin(PeerId peer, DialRequest request)
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
                return (null, dial, false, dial.Race.Join(request));
            }

            _dialling[(peer, request.AllowLimited)] = dial = new SharedDial(NewRace(request)) { Waiting = 1 };
            dial.Task = CleanContext.RunAsync(() => RunAsync(peer, dial, request)); // begins when the dial is in the table
            return (null, dial, true, true);
        }
    }

    /// <summary>Waits for a dial, each caller for as long as it wants. The dial itself ends when the last one gives up.</summary>
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

    /// <summary>A caller waits no more; true if it was the last one.</summary>
    private bool IsAbandoned(PeerId peer, SharedDial dial, DialRequest request, DialException? tooLate)
    {
        lock (_lock)
        {
            if (--dial.Waiting > 0)
            {
                return false;
            }

            dial.TooLate = tooLate;
            Forget(peer, dial, request); // the next caller dials anew
            return true;
        }
    }

    private async Task<PeerConnection> RunAsync(PeerId peer, SharedDial dial, DialRequest request)
    {
        using CancellationTokenSource over = new();
        if (peer < _node.Self)
        {
            _running.TryRun(() => YieldAsync(peer, dial.Race, over.Token));
        }

        try
        {
            return await DialAsync(dial.Race, request, dial, dial.Token);
        }
        finally
        {
            over.Cancel();
            Forget(peer, dial, request);
        }
    }

    /// <summary>
    /// Where two peers dial each other at the same time, the one with the greater id takes the connection that it accepted and ends its
    /// own dial: if both did, none would be left.
    /// </summary>
    private async Task YieldAsync(PeerId peer, DialRace race, CancellationToken over)
    {
        try
        {
            race.EndWith(await _connections.NextInboundAsync(peer, over));
        }
        catch (OperationCanceledException)
        {
            // The dial ended first.
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

    /// <summary>Ends a connection that only its caller asked for, who has given it up. A node that is closing ends it by itself.</summary>
    private void Leave(PeerConnection connection) => _running.TryRun(() => CleanContext.RunAsync(async () =>
    {
        using CancellationTokenSource patience = new(_node.Options.CloseTimeout, _node.Seams.Time);
        await connection.LeaveAsync(new EndReason(EndedBy.Caller, ErrorCode.None, "The dial was cancelled by its caller"), patience.Token);
    }));

    private DialRace NewRace(DialRequest request) => new(request, _node, _attempts, new DialGate(request, _node.Gaters, _attempts), _resolver, _connections);

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
        TimeSpan? limit = shared is null ? request.Timeout ?? _node.Options.DialTimeout : null; // callers that wait for a shared one have theirs
        using Deadline deadline = Deadline.Start(limit, _node.Seams.Time, either.Token);
        try
        {
            return await race.RunAsync(deadline);
        }
        catch (OperationCanceledException e) when (_closing.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw race.Report(NodeClosing.Exception(e));
        }
        catch (OperationCanceledException) when (shared?.TooLate is { } tooLate)
        {
            throw tooLate;
        }
    }

    /// <summary>Ends the attempts that lost, and remembers the address that won.</summary>
    private async Task AfterAsync(DialRace race, DialRequest request, PeerConnection connection)
    {
        Task settling = race.DisposeAsync().AsTask();
        if (race.Winner is { } winner && !request.Isolated && !connection.IsRelayed)
        {
            try
            {
                await _node.BoundedPeers.AddAddressesAsync(
                    connection.RemotePeer, [winner.Target], AddressSource.Connected, s_addressLifetime, _closing.Token);
            }
            catch (Exception e) // third-party stores may throw anything, and the connection does not depend on them
            {
                StreamLog.PeerStoreFailed(_log, connection.Id, e.Message, e);
            }
        }

        await settling;
    }
}
