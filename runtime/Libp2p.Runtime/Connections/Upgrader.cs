using Libp2p.Muxers;
using Libp2p.Negotiation;
using Libp2p.Scheduling;
using Libp2p.Security;

namespace Libp2p.Connections;

/// <summary>
/// Upgrades byte links: multistream-select for security, the handshake, then the muxer that was agreed inside it, or
/// multistream-select again (libp2p specs, connections/README.md). Thread-safe.
/// </summary>
public sealed class Upgrader : IUpgrader
{
    private readonly IReadOnlyList<ISecurityProtocol> _security;
    private readonly IReadOnlyList<IMuxer> _muxers;
    private readonly ProtocolTable<ISecurityProtocol> _securityTable;
    private readonly ProtocolTable<IMuxer> _muxerTable;
    private readonly IIdentitySigner _identity;
    private readonly NodeSeams _seams;

    /// <summary>An upgrader that offers and accepts these, in this order of preference.</summary>
    /// <param name="security">At least one.</param>
    /// <param name="muxers">At least one.</param>
    /// <param name="identity">Signs for us.</param>
    /// <param name="seams">The node's.</param>
    public Upgrader(IReadOnlyList<ISecurityProtocol> security, IReadOnlyList<IMuxer> muxers, IIdentitySigner identity, NodeSeams seams)
    {
        ArgumentOutOfRangeException.ThrowIfZero(security.Count, nameof(security));
        ArgumentOutOfRangeException.ThrowIfZero(muxers.Count, nameof(muxers));
        _security = security;
        _muxers = muxers;
        _securityTable = new ProtocolTable<ISecurityProtocol>(security.Select(protocol => new Agreed<ISecurityProtocol>(protocol.Id, protocol)));
        _muxerTable = new ProtocolTable<IMuxer>(muxers.Select(muxer => new Agreed<IMuxer>(muxer.Id, muxer)));
        _identity = identity;
        _seams = seams;
    }

    /// <inheritdoc/>
    public async ValueTask<UpgradedConnection> UpgradeAsync(IByteLink link, UpgradeRequest request, CancellationToken cancellationToken)
    {
        DialStage stage = DialStage.Security;
        IByteLink outermost = link;
        try
        {
            SecuredLink secured = await SecureAsync(link, request, cancellationToken);
            outermost = secured.Link;
            stage = DialStage.Muxer;
            IMuxer muxer = await AgreeOnMuxerAsync(secured, request.Role, cancellationToken);
            return new UpgradedConnection(muxer.Attach(secured.Link, new MuxerContext(request.Role, _seams, request.Scope)), secured.Result, muxer.Id);
        }
        catch (Exception e)
        {
            Libp2pException cause = e as Libp2pException
                ?? new HandshakeException(e.Message, e is OperationCanceledException ? EndedBy.Caller : EndedBy.Link, e);
            outermost.Abort(cause.Reason);
            await outermost.DisposeAsync();
            if (e is OperationCanceledException)
            {
                throw;
            }

            throw new UpgradeException(stage, cause);
        }
    }

    private async ValueTask<SecuredLink> SecureAsync(IByteLink link, UpgradeRequest request, CancellationToken cancellationToken)
    {
        ISecurityProtocol protocol = await AgreeAsync(link, _security, _securityTable, static candidate => candidate.Id, request.Role, cancellationToken);
        SecurityRequest security = new()
        {
            Role = request.Role,
            ExpectedPeer = request.ExpectedPeer,
            Identity = _identity,
            Prologue = request.Prologue,
            Extensions = new SecurityExtensions
            {
                StreamMuxers = _muxerTable.Ids,
                WebTransportCertificateHashes = request.WebTransportCertificateHashes,
            },
        };
        return await protocol.SecureAsync(link, security, cancellationToken);
    }

    private async ValueTask<IMuxer> AgreeOnMuxerAsync(SecuredLink secured, ConnectionRole role, CancellationToken cancellationToken) =>
        secured.Result.EarlyMuxer is { } early && _muxerTable.TryFind(early.Utf8, out _, out IMuxer? agreed)
            ? agreed
            : await AgreeAsync(secured.Link, _muxers, _muxerTable, static candidate => candidate.Id, role, cancellationToken);

    private static async ValueTask<T> AgreeAsync<T>(
        IByteLink link, IReadOnlyList<T> offers, ProtocolTable<T> table, Func<T, ProtocolId> idOf, ConnectionRole role, CancellationToken cancellationToken)
    {
        if (role == ConnectionRole.Initiator)
        {
            ProtocolId agreed = await MultistreamSelect.InitiateAsync(link, table.Ids, cancellationToken);
            return offers.First(offer => idOf(offer) == agreed);
        }

        Agreed<T>? answered = await MultistreamSelect.RespondAsync(link, table, cancellationToken);
        return answered is { } both
            ? both.Handler
            : throw new NegotiationException("The remote ended its direction without a protocol that we speak");
    }
}
