using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Transports;
using Microsoft.Extensions.Logging;

namespace Libp2p.Hosting;

/// <summary>Makes connections: an open one where that will do, a dial that is going on, or a new one, address by address.</summary>
internal sealed class Dialer(NodeParts node, ConnectionTable connections) : IDialer
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PeerId, SharedDial> _dialling = [];
    private readonly ILogger _log = node.Logging.CreateLogger<Dialer>();

    public IReadOnlyList<IPeerConnection> Connections => connections.Open;

    public T Client<T>(Protocol<T> protocol, PeerId peer)
        where T : class => protocol.CreateClient(new PeerStreams(this, node, peer));

    public async ValueTask<IPeerConnection> ConnectAsync(DialRequest request, CancellationToken cancellationToken)
    {
        await node.Seams.Scheduler.Enter();
        if (request.ExpectedPeer.Peer is not { } peer || request.ForceNew || request.Isolated)
        {
            return await DialAsync(request, cancellationToken);
        }

        return connections.Best(peer, request.AllowLimited) ?? await JoinAsync(peer, request, cancellationToken);
    }

    public async ValueTask<IPeerConnection> AdoptAsync(
        IByteLink link, Direction direction, ConnectionRole role, ExpectedPeer expectedPeer, CancellationToken cancellationToken)
    {
        await node.Seams.Scheduler.Enter();
        IConnectionLease lease = Lease(direction, link.RemoteAddress);
        try
        {
            UpgradedConnection upgraded = await node.Upgrader.UpgradeAsync(link, new UpgradeRequest(role, expectedPeer, lease), cancellationToken);
            return connections.Add(upgraded, direction, lease);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>Dials, or waits for the dial to the same peer that is going on. The dial itself ends when the last who waits gives up.</summary>
    private async Task<PeerConnection> JoinAsync(PeerId peer, DialRequest request, CancellationToken cancellationToken)
    {
        SharedDial dial;
        lock (_lock)
        {
            if (!_dialling.TryGetValue(peer, out dial!))
            {
                _dialling[peer] = dial = new SharedDial();
                dial.Task = RunAsync(peer, dial, request);
            }

            dial.Waiting++;
        }

        try
        {
            return await dial.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            bool abandoned;
            lock (_lock)
            {
                abandoned = --dial.Waiting == 0;
                if (abandoned)
                {
                    Forget(peer, dial); // whoever comes now dials anew
                }
            }

            if (abandoned)
            {
                await dial.DisposeAsync();
            }
        }
    }

    private async Task<PeerConnection> RunAsync(PeerId peer, SharedDial dial, DialRequest request)
    {
        await Task.Yield(); // the table is locked until the dial is in it
        try
        {
            return await DialAsync(request, dial.Token);
        }
        finally
        {
            lock (_lock)
            {
                Forget(peer, dial);
            }
        }
    }

    private void Forget(PeerId peer, SharedDial dial)
    {
        if (_dialling.GetValueOrDefault(peer) == dial)
        {
            _dialling.Remove(peer);
        }
    }

    private async Task<PeerConnection> DialAsync(DialRequest request, CancellationToken cancellationToken)
    {
        using Deadline deadline = Deadline.Start(request.Timeout ?? node.Options.DialTimeout, node.Seams.Time, cancellationToken);
        List<DialAttempt> attempts = [];
        foreach (Multiaddress address in await AddressesAsync(request, deadline.Token))
        {
            try
            {
                return await DialAsync(address, request, deadline.Token);
            }
            catch (Exception e) when (e is not OperationCanceledException || deadline.IsOver)
            {
                DialStage stage = (e as UpgradeException)?.Stage ?? (e as StagedException)?.Stage ?? DialStage.Transport;
                Exception cause = deadline.IsOver ? deadline.Exceeded("The dial", e) : (e as StagedException)?.InnerException ?? e;
                attempts.Add(new DialAttempt(address, stage, cause));
                ConnectionLog.DialFailed(_log, address, stage, cause.Message);
            }
        }

        throw new DialException(request.ExpectedPeer.Peer, attempts);
    }

    private async Task<PeerConnection> DialAsync(Multiaddress address, DialRequest request, CancellationToken cancellationToken)
    {
        ExpectedPeer expected = Expected(address, request);
        Multiaddress target = address.WithoutPeer();
        ITransport transport = node.Transports.FirstOrDefault(candidate => candidate.CanDial(target))
            ?? throw new StagedException(DialStage.Admission, new NotSupportedException("no transport of the node can dial it"));
        if (!node.Allows(gater => gater.AllowDial(expected.Peer, target)))
        {
            throw new StagedException(DialStage.Admission, new InvalidOperationException("the gater refused it"));
        }

        IConnectionLease lease = Lease(Direction.Outbound, target);
        try
        {
            ITransportConnection dialled = await transport.DialAsync(target, request, cancellationToken);
            UpgradedConnection upgraded = dialled is IByteLink link
                ? await node.Upgrader.UpgradeAsync(link, new UpgradeRequest(request.Role, expected, lease), cancellationToken)
                : (UpgradedConnection)dialled;
            return connections.Add(upgraded, Direction.Outbound, lease);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    private async ValueTask<IReadOnlyList<Multiaddress>> AddressesAsync(DialRequest request, CancellationToken cancellationToken)
    {
        IEnumerable<Multiaddress> addresses = request.Addresses;
        if (request.Addresses.Count == 0 && request.ExpectedPeer.Peer is { } peer)
        {
            addresses = (await node.Peers.GetAsync(peer, cancellationToken))?.Addresses.Select(known => known.Address) ?? [];
        }

        return [.. addresses.Distinct().Take(node.Options.MaxDialAddresses)];
    }

    private IConnectionLease Lease(Direction direction, Multiaddress remoteAddress) =>
        node.Limits.TryOpenConnection(direction, remoteAddress, out IConnectionLease? lease, out string? refusal)
            ? lease
            : throw new StagedException(DialStage.Admission, new LimitExceededException(refusal));

    /// <summary>The peer that the address names must be the one that is wanted.</summary>
    private static ExpectedPeer Expected(Multiaddress address, DialRequest request) => address.Peer switch
    {
        null => request.ExpectedPeer,
        PeerId named when request.ExpectedPeer.Matches(named) => ExpectedPeer.Exactly(named),
        _ => throw new StagedException(DialStage.Admission, new ArgumentException("it names another peer")),
    };

    private sealed class SharedDial : IAsyncDisposable
    {
        private readonly CancellationTokenSource _abandoned = new();

        public Task<PeerConnection> Task { get; set; } = null!;

        public int Waiting { get; set; }

        public CancellationToken Token => _abandoned.Token;

        public async ValueTask DisposeAsync()
        {
            _abandoned.Cancel();
            await Tasks.Settle(Task);
            _abandoned.Dispose();
        }
    }

    /// <summary>A failure before any layer was reached, carried to the report of the dial.</summary>
    private sealed class StagedException(DialStage stage, Exception cause) : Exception(cause.Message, cause)
    {
        public DialStage Stage { get; } = stage;
    }
}
