using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Libp2p.Security.Tls;

/// <summary>
/// What <c>SslStream</c> is told in either role: TLS 1.3 only, no resumption, both sides authenticated, and no judgement of its own about
/// certificates.
/// </summary>
internal static class TlsOptions
{
    /// <summary>For the client, which names no server: libp2p has no SNI.</summary>
    public static SslClientAuthenticationOptions ForClient(
        OwnCertificate certificate, List<SslApplicationProtocol> protocols, RemoteCertificateValidationCallback judge) => new()
        {
            TargetHost = "",
            EnabledSslProtocols = SslProtocols.Tls13,
            EncryptionPolicy = EncryptionPolicy.RequireEncryption,
            AllowRenegotiation = false,
            AllowTlsResume = false,
            ApplicationProtocols = protocols,
            ClientCertificateContext = certificate.Context,
            CertificateChainPolicy = Indifferent(),
            RemoteCertificateValidationCallback = judge,
        };

    /// <summary>For the server, which demands a certificate and has one application protocol: the one that was chosen.</summary>
    public static SslServerAuthenticationOptions ForServer(
        OwnCertificate certificate, SslApplicationProtocol protocol, RemoteCertificateValidationCallback judge) => new()
        {
            EnabledSslProtocols = SslProtocols.Tls13,
            EncryptionPolicy = EncryptionPolicy.RequireEncryption,
            AllowRenegotiation = false,
            AllowTlsResume = false,
            ApplicationProtocols = [protocol],
            ClientCertificateRequired = true,
            ServerCertificateContext = certificate.Context,
            CertificateChainPolicy = Indifferent(),
            RemoteCertificateValidationCallback = judge,
        };

    /// <summary>
    /// The platform builds a chain before it asks us. It shall trust nobody, ask nobody about revocations, and above all fetch nothing:
    /// a certificate can name an address to load its issuer from.
    /// </summary>
    private static X509ChainPolicy Indifferent() => new()
    {
        DisableCertificateDownloads = true,
        RevocationMode = X509RevocationMode.NoCheck,
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        VerificationFlags = X509VerificationFlags.AllFlags,
    };
}
