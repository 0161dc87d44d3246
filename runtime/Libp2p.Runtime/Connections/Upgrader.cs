using Libp2p.Limits;
using Libp2p.Muxers;
using Libp2p.Negotiation;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Telemetry;

namespace Libp2p.Connections;

/// <summary>
/// Upgrades byte links: multistream-select for security, the handshake, then the muxer that was agreed inside it, or
/// multistream-select again (libp2p specs, connections/README.md). Thread-safe.
/// </summary>
public sealed class Upgrader : IUpgrader
{
    private readonly ProtocolTable<ISecurityProtocol> _security;
    private readonly ProtocolTable<IMuxer> _muxers;
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
        _security = new ProtocolTable<ISecurityProtocol>(security.Select(protocol => new Agreed<ISecurityProtocol>(protocol.Id, protocol)));
        _muxers = new ProtocolTable<IMuxer>(muxers.Select(muxer => new Agreed<IMuxer>(muxer.Id, muxer)));
        _identity = identity;
        _seams = seams;
    }

    /// <summary>Where upgrades are told of; null: nowhere.</summary>
    internal NodeInstruments? Instruments { get; init; }

    /// <inheritdoc/>
    public ValueTask<UpgradedConnection> UpgradeAsync(IByteLink link, UpgradeRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(request);

        return Instruments is { WatchesUpgrades: true } instruments
            ? instruments.UpgradeAsync(request.Role, () => RunAsync(link, request, cancellationToken), UpgradeStage.Of)
            : RunAsync(link, request, cancellationToken);
    }

    private async ValueTask<UpgradedConnection> RunAsync(IByteLink link, UpgradeRequest request, CancellationToken cancellationToken)
    {
        DialStage stage = DialStage.Security;
        IByteLink outermost = link;

        try
        {
            (request.Scope as IHandshakeProgress)?.Reached(stage, request.ExpectedPeer);
            SecuredLink secured = await SecureAsync(link, request, cancellationToken);
            outermost = secured.Link;
            if ((request.Admit?.Invoke(secured.Result) ?? await JudgeAsync(request, secured.Result, cancellationToken)) is { } refusal)
            {
                throw refusal.By == EndedBy.Limit ? new LimitExceededException(refusal.Reason) : new HandshakeException(refusal.Reason, refusal.By);
            }

            stage = DialStage.Muxer;
            (request.Scope as IHandshakeProgress)?.Reached(stage, request.ExpectedPeer);
            IMuxer muxer = await AgreeOnMuxerAsync(secured, request.Role, cancellationToken);
            MuxerContext context = new(request.Role, _seams, request.Scope);
            return new UpgradedConnection(muxer.Attach(secured.Link, context), secured.Result, muxer.Id);
        }
        catch (OperationCanceledException e)
        {
            UpgradeCanceledException cancelled = new(stage, e);
            await AbandonAsync(outermost, new EndReason(EndedBy.Caller, ErrorCode.None, cancelled.Message));
            throw cancelled;
        }
        catch (Exception failure)
        {
            Libp2pException cause = failure as Libp2pException ?? Unforeseen(failure);
            await AbandonAsync(outermost, cause.Reason);
            throw new UpgradeException(stage, cause);
        }
    }

    private async ValueTask<SecuredLink> SecureAsync(IByteLink link, UpgradeRequest request, CancellationToken cancellationToken)
    {
        SecurityRequest security = Describe(request);
        if (request.Role == ConnectionRole.Responder || _security.Ids.Count > 1)
        {
            ISecurityProtocol agreed = await AgreeAsync(link, _security, request.Role, answersLate: true, cancellationToken);
            return await agreed.SecureAsync(link, security, cancellationToken);
        }

        LazyNegotiatedLink lazy = new(link, _security.Ids[0]);
        try
        {
            return await Find(_security, _security.Ids[0]).SecureAsync(lazy, security, cancellationToken);
        }
        catch (HandshakeException) when (lazy.Failure is { } failure)
        {
            failure.Throw(); // the refusal, by its own type
            throw;
        }
    }

    private SecurityRequest Describe(UpgradeRequest request)
    {
        return new()
        {
            Role = request.Role,
            ExpectedPeer = request.ExpectedPeer,
            Identity = _identity,
            Prologue = request.Prologue,
            Extensions = new SecurityExtensions
            {
                StreamMuxers = _muxers.Ids,
                WebTransportCertificateHashes = request.WebTransportCertificateHashes,
            },
        };
    }

    private static ValueTask<EndReason?> JudgeAsync(UpgradeRequest request, SecurityResult remote, CancellationToken cancellationToken) =>
        request.AdmitAsync is { } judge ? judge(remote, cancellationToken) : default;

    private async ValueTask<IMuxer> AgreeOnMuxerAsync(SecuredLink secured, ConnectionRole role, CancellationToken cancellationToken) =>
        secured.Result.EarlyMuxer is { } early && _muxers.TryFind(early.Utf8, out _, out IMuxer? agreed)
            ? agreed
            : await AgreeAsync(secured.Link, _muxers, role, answersLate: false, cancellationToken);

    private static async ValueTask<T> AgreeAsync<T>(
        IByteLink link, ProtocolTable<T> table, ConnectionRole role, bool answersLate, CancellationToken cancellationToken)
        where T : class
    {
        if (role == ConnectionRole.Responder)
        {
            return (await MultistreamSelect.RespondAsync(link, table, answersLate, cancellationToken))?.Handler
                ?? throw new NegotiationException($"The remote ended its direction without proposing one of {string.Join(", ", table.Ids)}");
        }

        ProtocolId id = await MultistreamSelect.InitiateAsync(link, table.Ids, cancellationToken);
        return Find(table, id);
    }

    private static T Find<T>(ProtocolTable<T> table, ProtocolId id)
        where T : class => table.TryFind(id.Utf8, out _, out T? found) ? found : throw new InvalidOperationException($"{id} was offered, but is unknown.");

    /// <summary>Ends what is left of the link, whatever it says to that: the failure of the upgrade is the one to tell.</summary>
    private static async ValueTask AbandonAsync(IByteLink link, EndReason reason)
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

    /// <summary>A link or a security protocol may fail with what its platform throws.</summary>
    private static Libp2pException Unforeseen(Exception failure) =>
        new(new EndReason(failure is IOException ? EndedBy.Link : EndedBy.Local, ErrorCode.None, failure.Message, failure));
}
