using Libp2p.Limits;
using Libp2p.Security;

namespace Libp2p.Connections;

/// <summary>
/// Turns a byte link into an authenticated connection with streams: negotiates and runs security, then agrees on a muxer, early or
/// by multistream-select. Everything it needs to know is a parameter, nothing is looked up.
/// </summary>
public interface IUpgrader
{
    /// <summary>Upgrades a link.</summary>
    /// <param name="link">Taken over: disposed or aborted when the upgrade fails.</param>
    /// <param name="request">Role, expected peer, prologue.</param>
    /// <param name="cancellationToken">Ends the upgrade, at any of its steps.</param>
    /// <exception cref="UpgradeException">It failed; the exception names the step.</exception>
    ValueTask<UpgradedConnection> UpgradeAsync(IByteLink link, UpgradeRequest request, CancellationToken cancellationToken);
}

/// <summary>What an upgrade is told.</summary>
/// <param name="Role">The role in negotiation, security and muxer.</param>
/// <param name="ExpectedPeer">Who the remote must turn out to be.</param>
/// <param name="Scope">Asked for the memory of the connection.</param>
public sealed record UpgradeRequest(ConnectionRole Role, ExpectedPeer ExpectedPeer, IResourceScope Scope)
{
    /// <summary>Bytes both sides mix into the handshake (Noise prologue); empty but for WebRTC-direct.</summary>
    public ReadOnlyMemory<byte> Prologue { get; init; }

    /// <summary>
    /// Judges the remote when it is authenticated, before a muxer is agreed on: null lets it in, a reason ends the upgrade. Called on
    /// the node's scheduler, so it must not block; null: everybody is let in.
    /// </summary>
    public Func<SecurityResult, EndReason?>? Admit { get; init; }

    /// <summary>
    /// Awaited when <see cref="Admit"/> has let the remote in, with the same meaning: the part of the judgement that application code makes
    /// and that takes time. Null: there is none. The node asks for what an upgrader leaves out, when it gets the connection.
    /// </summary>
    public Func<SecurityResult, CancellationToken, ValueTask<EndReason?>>? AdmitAsync { get; init; }

    /// <summary>Certificate hashes a responder announces inside the handshake (WebTransport).</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> WebTransportCertificateHashes { get; init; } = [];
}

/// <summary>An upgrade failed. Its reason is that of the cause, which is also the inner exception.</summary>
/// <param name="stage">The step that failed: <see cref="DialStage.Security"/> or <see cref="DialStage.Muxer"/>.</param>
/// <param name="cause">Why.</param>
public sealed class UpgradeException(DialStage stage, Libp2pException cause)
    : Libp2pException(cause.Message, cause.Reason with { Cause = cause })
{
    /// <summary>The step that failed.</summary>
    public DialStage Stage { get; } = stage;
}
