using Libp2p.Connections;
using Libp2p.Scheduling;
using Libp2p.Services;

namespace Libp2p.Security.Tls;

/// <summary>
/// TLS 1.3, <c>/tls/1.0.0</c> (https://github.com/libp2p/specs/blob/master/tls/tls.md), over the platform's <c>SslStream</c>: certificates
/// that sign themselves and are tied to an identity by an extension, on both sides.
/// </summary>
/// <remarks>
/// What an unauthenticated remote can make us hold is bounded by 32 KiB and what the platform keeps of it. Time is bounded by the caller's
/// token. A responder learns who the initiator is, but tells it no verdict: an initiator whose certificate is refused sees that at its first
/// read. A link that ends between two records has ended in order, with or without a close_notify, as in go.
/// </remarks>
/// <param name="verifier">Judges the signatures of remotes.</param>
/// <param name="seams">Clock, for certificates that run out, and randomness, for their serial numbers; keys are drawn by the platform.</param>
public sealed class TlsSecurity(ISignatureVerifier verifier, NodeSeams seams) : ISecurityProtocol, IDisposable
{
    /// <summary>The id of TLS.</summary>
    public static readonly ProtocolId ProtocolId = "/tls/1.0.0";

    private const int FirstWindowsBuild = 20348; // Windows Server 2022, and with it every Windows 11

    private readonly TlsCertificates _certificates = new(seams);
    private readonly CertificateVerifier _verifier = new(verifier, seams.Time);

    /// <summary>TLS for a node.</summary>
    /// <param name="node">The node's context.</param>
    public TlsSecurity(NodeContext node)
        : this(node.Verifier, node.Seams)
    {
    }

    /// <summary>
    /// Whether the platform's <c>SslStream</c> has TLS 1.3 in both roles: on Linux (OpenSSL 1.1.1), FreeBSD, and Windows from Server 2022
    /// and Windows 11 on. Not on Apple's platforms, where it stands on Secure Transport, and not in browsers.
    /// </summary>
    public static bool IsSupported =>
        OperatingSystem.IsLinux() || OperatingSystem.IsFreeBSD() || OperatingSystem.IsWindowsVersionAtLeast(10, 0, FirstWindowsBuild);

    /// <inheritdoc/>
    public ProtocolId Id => ProtocolId;

    /// <inheritdoc/>
    public async ValueTask<SecuredLink> SecureAsync(IByteLink link, SecurityRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(request);

        if (!request.Prologue.IsEmpty || request.Extensions.WebTransportCertificateHashes.Count > 0)
        {
            throw new HandshakeException("TLS carries neither a prologue nor certificate hashes; use Noise for a link that needs them", EndedBy.Local);
        }

        using TlsHandshake handshake = new(link, request, _certificates, _verifier);
        return await handshake.RunAsync(cancellationToken);
    }

    /// <summary>Gives up the certificates. Links live on.</summary>
    public void Dispose() => _certificates.Dispose();
}
