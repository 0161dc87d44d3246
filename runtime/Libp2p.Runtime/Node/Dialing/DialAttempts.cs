using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Node.Connections;
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
    /// <summary>The places of all attempts, look-ups of names included.</summary>
    public DialPlaces Places { get; } = new(node.Options.MaxConcurrentDialAttempts);

    /// <summary>What failed of late.</summary>
    public AddressBackoff Backoff { get; } = new(node.Seams.Time);

    /// <summary>Whether a candidate may be tried; otherwise it has its failure.</summary>
    /// <param name="candidate">The candidate.</param>
    /// <param name="request">What it is to lead to.</param>
    /// <param name="gated">Why the gaters refused a candidate that a transport can dial; null: they did not.</param>
    public bool TryAdmit(DialCandidate candidate, DialRequest request, Func<DialCandidate, string?> gated)
    {
        candidate.Failure = Refusal(candidate, request)
            ?? (candidate.Transport is not null && gated(candidate) is { } refusal ? new InvalidOperationException(refusal) : null);
        if (candidate.Failure is not null)
        {
            Report(candidate);
        }

        return candidate.Failure is null;
    }

    /// <summary>Whether it depends on the gaters alone whether a candidate is tried: a transport can dial it, and nothing else is against it.</summary>
    public bool NeedsAnswer(DialCandidate candidate, DialRequest request) => Refusal(candidate, request) is null && candidate.Transport is not null;

    /// <summary>Whether a transport of the node can dial the address, or a name leads on from it.</summary>
    public bool CanDial(Multiaddress address)
    {
        Multiaddress target = address.WithoutPeer();
        return target.Count > 0 && (target.StartsWithName || node.Transports.FindDialer(target) is not null);
    }

    /// <summary>Tries a candidate, which then has its connection or its failure. Never throws.</summary>
    public async Task RunAsync(DialCandidate candidate, DialRequest request, DialPlaces.LenderList lenders, CancellationToken cancellationToken)
    {
        using Deadline deadline = Deadline.Start(node.Options.DialAttemptTimeout, node.Seams.Time, cancellationToken);
        try
        {
            using DialPlaces.Place place = await Places.EnterAsync(lenders, deadline.Token);
            candidate.Connection = await node.Abandoned.WaitAsync(
                $"The dial of {candidate.Target}", DialAsync(candidate, request, place, deadline.Token), deadline.Token);
        }
        catch (Exception e) // third-party transports may throw anything, and what they throw is what the dial reports
        {
            candidate.Stage = UpgradeStage.Of(e) ?? candidate.Stage;
            candidate.Failure = deadline.IsOver ? deadline.Exceeded("The attempt", e) : e;
            if (!cancellationToken.IsCancellationRequested)
            {
                Fail(candidate);
            }
        }
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

    private Task<LeasedConnection> DialAsync(DialCandidate candidate, DialRequest request, DialPlaces.Place place, CancellationToken cancellationToken)
    {
        ConnectionLease lease = node.Limits.TryLease(Direction.Outbound, candidate.Target, out string? refusal) ?? throw new LimitExceededException(refusal!);
        return LeasedConnection.MakeAsync(lease, async () =>
        {
            candidate.Stage = DialStage.Transport;
            TransportDial dial = new(candidate.Target, candidate.Expected, connections.AdmissionFor(Direction.Outbound, () => candidate.Target, lease))
            {
                Role = request.Role,
                SourcePort = request.SourcePort,
                IsIsolated = request.Isolated,
                Place = place,
            };
            return candidate.Transport is IConnectionTransport secured
                ? await EnsureExpectedAsync(await secured.DialAsync(dial, cancellationToken), candidate.Expected)
                : await UpgradeAsync((ILinkTransport)candidate.Transport!, dial, candidate, lease, cancellationToken);
        });
    }

    private async ValueTask<UpgradedConnection> UpgradeAsync(
        ILinkTransport transport, TransportDial dial, DialCandidate candidate, ConnectionLease lease, CancellationToken cancellationToken)
    {
        IByteLink link = await transport.DialAsync(dial, cancellationToken);
        candidate.Stage = DialStage.Security;
        return await node.Upgrader.UpgradeAsync(
            link, connections.RequestFor(link, Direction.Outbound, dial.Role, dial.ExpectedPeer, lease), cancellationToken);
    }

    /// <summary>A transport with security of its own received the expected peer; that it compared the two is checked all the same.</summary>
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
        if (candidate.Target.Count == 0)
        {
            return new NotSupportedException("it names a peer and no place: the peer store is asked for its addresses");
        }

        candidate.Transport = node.Transports.FindDialer(candidate.Target);
        if (candidate.Transport is null)
        {
            return candidate.Target.StartsWithName ? null
                : candidate.Target.Peer is not null ? new NotSupportedException("it names two peers one after the other, which leads nowhere")
                : new NotSupportedException("no transport of the node can dial it");
        }

        if (!candidate.IsInsisted && Backoff.IsBlocked(candidate.Target, candidate.Expected, out string? blocked))
        {
            candidate.IsLeftAlone = true;
            return new LimitExceededException(blocked);
        }

        return null;
    }

    private void Report(DialCandidate candidate) => ConnectionLog.DialFailed(log, candidate.Address, candidate.Stage, candidate.Failure!.Message);
}
