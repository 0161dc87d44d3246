using System.Diagnostics.CodeAnalysis;
using Libp2p.Multiformats;

namespace Libp2p;

/// <content>A record in an envelope: domain <c>libp2p-peer-record</c>, payload type 03 01.</content>
public sealed partial class PeerRecord
{
    /// <summary>The domain in which records are signed.</summary>
    public const string Domain = "libp2p-peer-record";

    /// <summary>The domain of RFC 0003, in which rust-libp2p still signs unless told otherwise.</summary>
    public const string LegacyDomain = "libp2p-routing-state";

    /// <summary>The payload type of records: the two bytes 03 01, not the varint of that code.</summary>
    public static ReadOnlyMemory<byte> PayloadType { get; } = new byte[] { 0x03, 0x01 };

    /// <summary>The payload type that goes with <see cref="LegacyDomain"/>.</summary>
    public static ReadOnlyMemory<byte> LegacyPayloadType { get; } = "/libp2p/routing-state-record"u8.ToArray();

    /// <summary>Signs the record.</summary>
    /// <param name="signer">Signs as <see cref="Peer"/>.</param>
    /// <param name="cancellationToken">Gives up waiting for a remote signer.</param>
    /// <exception cref="ArgumentException">The signer is another peer.</exception>
    public ValueTask<SignedEnvelope> SealAsync(IIdentitySigner signer, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(signer);

        if (signer.PublicKey.PeerId != Peer)
        {
            throw new ArgumentException("A record is signed by the peer it is about.", nameof(signer));
        }

        return SignedEnvelope.SealAsync(signer, Domain, PayloadType, ToBytes(), cancellationToken);
    }

    /// <summary>Reads the record in an envelope, and verifies that the peer it is about signed it.</summary>
    /// <param name="envelope">The envelope: what to keep for passing the record on.</param>
    /// <param name="verifier">Judges the signature.</param>
    /// <param name="acceptLegacy">Whether the domain and type of RFC 0003 are accepted too.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="MultiformatException">
    /// The envelope holds something else, a malformed record or one about another peer than the signer, or the signature is not the
    /// signer's.
    /// </exception>
    public static async ValueTask<PeerRecord> OpenAsync(
        SignedEnvelope envelope, ISignatureVerifier verifier, bool acceptLegacy = false, CancellationToken cancellationToken = default)
    {
        if (!TryRead(envelope, acceptLegacy, out PeerRecord? record, out string? domain, out MultiformatError error))
        {
            MultiformatException.Throw(FormatName, error);
        }

        if (!await envelope.VerifyAsync(domain, verifier, cancellationToken))
        {
            MultiformatException.Throw(FormatName, SignedEnvelope.NotSigned);
        }

        return record;
    }

    /// <summary>As <see cref="OpenAsync"/>, without throwing.</summary>
    /// <returns>Null where that would have thrown a <see cref="MultiformatException"/>.</returns>
    public static async ValueTask<PeerRecord?> TryOpenAsync(
        SignedEnvelope envelope, ISignatureVerifier verifier, bool acceptLegacy = false, CancellationToken cancellationToken = default) =>
        TryRead(envelope, acceptLegacy, out PeerRecord? record, out string? domain, out _)
        && await envelope.VerifyAsync(domain, verifier, cancellationToken)
            ? record
            : null;

    /// <summary>All but the signature, which costs most and so comes last.</summary>
    private static bool TryRead(
        SignedEnvelope envelope,
        bool acceptLegacy,
        [NotNullWhen(true)] out PeerRecord? record,
        [NotNullWhen(true)] out string? domain,
        out MultiformatError error)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ReadOnlySpan<byte> type = envelope.PayloadType.Span;
        record = null;
        domain = type.SequenceEqual(PayloadType.Span) ? Domain
            : acceptLegacy && type.SequenceEqual(LegacyPayloadType.Span) ? LegacyDomain
            : null;

        if (domain is null)
        {
            error = new MultiformatError(0, "the payload type is not that of peer records");
            return false;
        }

        if (!TryParse(envelope.Payload.Span, out record, out error))
        {
            return false;
        }

        if (record.Peer == envelope.PublicKey.PeerId)
        {
            return true;
        }

        error = new MultiformatError(0, "the record is about another peer than its signer");
        return false;
    }
}
