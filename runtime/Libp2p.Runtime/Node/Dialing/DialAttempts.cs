using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Node.Connections;
using Libp2p.Node.State;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Transports;
using Microsoft.Extensions.Logging;

namespace Libp2p.Node.Dialing;

/// <summary>
/// Tries single addresses for all dials of a node: a place among the attempts of the node, a lease, the transport, the upgrade.
/// </summary>
internal sealed class DialAttempts(NodeParts node, ConnectionTable connections, ILogger log)
{
    private readonly BoundedQueue<bool> _places = new(node.Options.MaxConcurrentDialAttempts); // an item for each attempt

    private int _attempts; // that have a place, or wait for one

    /// <summary>What failed of late.</summary>
    public AddressBackoff Backoff { get; } = new(node.Seams.Time);

    /// <summary>Whether a candidate may be tried; otherwise it has its failure.</summary>
    public bool TryAdmit(DialCandidate candidate, DialRequest request)
    {
        candidate.Failure = Refusal(candidate, request);
        if (candidate.Failure is not null)
        {
            Report(candidate);
        }

        return candidate.Failure is null;
    }

    /// <summary>Tries a candidate, which then has its connection or its failure. Never throws.</summary>
    public async Task RunAsync(DialCandidate candidate, DialRequest request, CancellationToken cancellationToken)
    {
        using Deadline deadline = Deadline.Start(node.Options.DialAttemptTimeout, node.Seams.Time, cancellationToken);
        Interlocked.Increment(ref _attempts);
        try
        {
            if (!await _places.EnqueueAsync(true, deadline.Token))
            {
                throw new InvalidOperationException("The node's dial attempts have ended.");
            }

            try
            {
                candidate.Connection = await DialAsync(candidate, request, deadline.Token);
            }
            finally
            {
                _places.TryDequeue(out _);
            }
        }
        catch (Exception e) // transports are anybody's, and what they throw is what the dial reports
        {
            candidate.Stage = e switch
            {
                UpgradeException failed => failed.Stage,
                UpgradeCanceledException cancelled => cancelled.Stage,
                _ => candidate.Stage,
            };
            candidate.Failure = deadline.IsOver ? deadline.Exceeded("The attempt", e) : e;
            if (!cancellationToken.IsCancellationRequested)
            {
                Fail(candidate);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _attempts);
        }
    }

    /// <summary>How many run, and how many wait for a place.</summary>
    public DialAttemptsState Describe()
    {
        int running = _places.Count;
        return new DialAttemptsState(node.Options.MaxConcurrentDialAttempts, running, Math.Max(0, Volatile.Read(ref _attempts) - running));
    }

    /// <summary>The candidate failed, and not because it was given up.</summary>
    public void Fail(DialCandidate candidate)
    {
        if (candidate.Stage >= DialStage.Transport)
        {
            Backoff.Failed(candidate.Target, candidate.Expected, candidate.Failure!.Message);
        }

        Report(candidate);
    }

    /// <summary>Leases a connection.</summary>
    /// <exception cref="LimitExceededException">There are as many as may be.</exception>
    public IConnectionLease Lease(Direction direction, Multiaddress remoteAddress) =>
        node.Limits.TryOpenConnection(direction, remoteAddress, out IConnectionLease? lease, out string? refusal)
            ? lease
            : throw new LimitExceededException(refusal);

    private async Task<DialledConnection> DialAsync(DialCandidate candidate, DialRequest request, CancellationToken cancellationToken)
    {
        IConnectionLease lease = Lease(Direction.Outbound, candidate.Target);
        try
        {
            candidate.Stage = DialStage.Transport;
            ITransportConnection dialled = await candidate.Transport!.DialAsync(candidate.Target, request, cancellationToken);
            candidate.Stage = DialStage.Security;
            UpgradedConnection upgraded = dialled is IByteLink link
                ? await node.Upgrader.UpgradeAsync(
                    link, connections.RequestFor(link, Direction.Outbound, request.Role, candidate.Expected, lease), cancellationToken)
                : await EnsureExpectedAsync((UpgradedConnection)dialled, candidate.Expected);
            return new DialledConnection(upgraded, lease, IsAdmitted: dialled is IByteLink);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>A transport with security of its own was told whom to expect; that it listened is checked all the same.</summary>
    private static async ValueTask<UpgradedConnection> EnsureExpectedAsync(UpgradedConnection upgraded, ExpectedPeer expected)
    {
        if (expected.Matches(upgraded.Security.RemotePeer))
        {
            return upgraded;
        }

        HandshakeException wrong = new($"{upgraded.Security.RemotePeer} was found instead of {expected}", EndedBy.Violation);
        upgraded.Abort(wrong.Reason);
        await upgraded.DisposeAsync();
        throw wrong;
    }

    private Exception? Refusal(DialCandidate candidate, DialRequest request)
    {
        PeerId? named = candidate.Address.Peer;
        if (named is not null && !request.ExpectedPeer.Matches(named))
        {
            return new ArgumentException("it names another peer");
        }

        candidate.Expected = named is null ? request.ExpectedPeer : ExpectedPeer.Exactly(named);
        candidate.Transport = node.Transports.FirstOrDefault(transport => transport.CanDial(candidate.Target));
        if (candidate.Transport is null)
        {
            return AddressResolver.IsName(candidate.Target) ? null : new NotSupportedException("no transport of the node can dial it");
        }

        if (!candidate.IsInsisted && Backoff.IsBlocked(candidate.Target, candidate.Expected, out string? blocked))
        {
            candidate.IsLeftAlone = true;
            return new LimitExceededException(blocked);
        }

        return node.Allows(gater => gater.AllowDial(candidate.Expected.Peer, candidate.Target)) ? null : new InvalidOperationException("the gater refused it");
    }

    private void Report(DialCandidate candidate) => ConnectionLog.DialFailed(log, candidate.Address, candidate.Stage, candidate.Failure!.Message);
}
