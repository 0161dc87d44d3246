using System.Globalization;

namespace Libp2p.Security.Tls;

/// <summary>
/// The order in which a remote's certificate is believed: it can be read, it is of our time and for our use, its identity is the expected
/// one, and only then what costs: its own signature, and the identity's.
/// </summary>
/// <param name="signatures">Judges the signatures of identities, and of Ed25519 certificates.</param>
/// <param name="time">The node's clock.</param>
internal sealed class CertificateVerifier(ISignatureVerifier signatures, TimeProvider time)
{
    /// <summary>So much may our clock and the remote's differ.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromDays(1);

    /// <summary>Verifies a certificate.</summary>
    /// <param name="certificate">The certificate in DER.</param>
    /// <param name="expected">Who the remote must turn out to be.</param>
    /// <param name="cancellationToken">Gives up waiting for the verifier.</param>
    /// <returns>The remote's identity.</returns>
    /// <exception cref="HandshakeException">It is not believed; the exception says why.</exception>
    public async ValueTask<PublicKey> VerifyAsync(ReadOnlyMemory<byte> certificate, ExpectedPeer expected, CancellationToken cancellationToken)
    {
        if (RemoteCertificate.TryRead(certificate, out CertificateRefusal refusal) is not { } read)
        {
            throw Refused(refusal);
        }

        DateTimeOffset now = time.GetUtcNow();
        if (now < Earlier(read.NotBefore) || now > Later(read.NotAfter))
        {
            throw Refused(CertificateRefusal.OutOfDate, string.Create(
                CultureInfo.InvariantCulture, $"holds from {read.NotBefore:u} to {read.NotAfter:u}, and it is {now:u}: check the clocks of both sides"));
        }

        if (!read.MaySign)
        {
            throw Refused(CertificateRefusal.WrongUsage);
        }

        if (!PublicKey.TryFromProtobuf(read.Identity.PublicKey.Span, out PublicKey? identity))
        {
            throw Refused(CertificateRefusal.UnusableIdentity);
        }

        if (!expected.Matches(identity.PeerId))
        {
            throw new HandshakeException($"The remote is {identity.PeerId}, expected was {expected}", EndedBy.Local);
        }

        if (!await read.Algorithm.VerifyAsync(read.PublicKeyInfo, read.Signed, read.Signature, signatures, cancellationToken))
        {
            throw Refused(CertificateRefusal.NotSelfSigned);
        }

        byte[] message = SignedKey.SignedMessage(read.PublicKeyInfo.Span);
        return await signatures.VerifyAsync(identity, message, read.Identity.Signature, cancellationToken)
            ? identity
            : throw Refused(CertificateRefusal.NotSignedByIdentity, $"is not signed by {identity.PeerId}, whose it claims to be");
    }

    /// <summary>The exception for a certificate that is refused.</summary>
    public static HandshakeException Refused(CertificateRefusal refusal, string? detail = null) =>
        new($"The remote's TLS certificate {detail ?? Describe(refusal)}", EndedBy.Violation);

    private static string Describe(CertificateRefusal refusal) => refusal switch
    {
        CertificateRefusal.Missing => "is missing: libp2p authenticates both sides",
        CertificateRefusal.NotAlone => "comes with others; libp2p allows exactly one",
        CertificateRefusal.TooLong => $"is longer than {RemoteCertificate.MaxSize} bytes",
        CertificateRefusal.UnknownSignature => "is signed by an unknown scheme; ECDSA on P-256, P-384 and P-521, Ed25519 and RSA are known",
        CertificateRefusal.TooManyExtensions => $"has more than {RemoteCertificate.MaxExtensions} extensions",
        CertificateRefusal.UnknownCriticalExtension => "has a critical extension that is unknown",
        CertificateRefusal.NoIdentity => $"has no libp2p extension ({SignedKey.Oid}): the remote is no libp2p peer",
        CertificateRefusal.TwoIdentities => "has two libp2p extensions",
        CertificateRefusal.MalformedIdentity => "has a malformed libp2p extension",
        CertificateRefusal.WrongUsage => "has a key that is not for TLS signatures",
        CertificateRefusal.UnusableIdentity => "has an identity key that is none: unknown algorithm, or wrong length",
        CertificateRefusal.NotSelfSigned => "is not signed by its own key",
        _ => "is malformed",
    };

    private static DateTimeOffset Earlier(DateTimeOffset start) => start - DateTimeOffset.MinValue > ClockTolerance ? start - ClockTolerance : DateTimeOffset.MinValue;

    private static DateTimeOffset Later(DateTimeOffset end) => DateTimeOffset.MaxValue - end > ClockTolerance ? end + ClockTolerance : DateTimeOffset.MaxValue;
}
