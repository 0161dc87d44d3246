using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Libp2p.Scheduling;

namespace Libp2p.Security.Tls;

/// <summary>
/// A certificate of ours: a key of its own, signed by our identity in the libp2p extension, which is the first and only one because js
/// looks nowhere else.
/// </summary>
internal sealed class OwnCertificate : IDisposable
{
    /// <summary>How long a certificate holds from the time it is made.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    /// <summary>It is replaced at this age, long before remotes refuse it.</summary>
    public static readonly TimeSpan RenewalAge = TimeSpan.FromDays(45);

    /// <summary>It holds so long before it is made, for remotes whose clocks are late.</summary>
    public static readonly TimeSpan Backdating = TimeSpan.FromDays(2);

    private const int SerialSize = 16;

    private readonly X509Certificate2 _certificate;
    private readonly DateTimeOffset _made;

    private OwnCertificate(X509Certificate2 certificate, DateTimeOffset made)
    {
        _certificate = certificate;
        _made = made;
        Context = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true); // looks nothing up
    }

    /// <summary>What <c>SslStream</c> presents.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>The certificate in DER.</summary>
    public ReadOnlyMemory<byte> Der => _certificate.RawDataMemory;

    /// <summary>Whether it need not be replaced. A clock that was set back by more than the backdating makes it stale, too.</summary>
    public bool IsFresh(DateTimeOffset now) => now >= _made - (Backdating / 2) && now < _made + RenewalAge;

    /// <summary>Makes one.</summary>
    /// <param name="identity">Signs its key.</param>
    /// <param name="seams">Clock and randomness; the key itself is drawn by the platform.</param>
    /// <param name="cancellationToken">Gives up waiting for the signer.</param>
    public static async ValueTask<OwnCertificate> MakeAsync(IIdentitySigner identity, NodeSeams seams, CancellationToken cancellationToken)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] message = SignedKey.SignedMessage(key.ExportSubjectPublicKeyInfo());
        byte[] signature = await identity.SignAsync(message, cancellationToken);
        SignedKey signed = new(identity.PublicKey.ToProtobuf(), signature);

        X500DistinguishedName name = new("O=libp2p");
        CertificateRequest request = new(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension(SignedKey.Oid, signed.Write(), critical: false));

        byte[] serial = new byte[SerialSize];
        seams.Random.Fill(serial);
        serial[0] = (byte)((serial[0] & 0x3F) | 0x40); // positive, and as long as it looks

        DateTimeOffset now = seams.Time.GetUtcNow();
        using X509Certificate2 certificate = request.Create(
            name, X509SignatureGenerator.CreateForECDsa(key), now - Backdating, now + Lifetime, serial);
        return new OwnCertificate(Usable(certificate.CopyWithPrivateKey(key)), now);
    }

    public void Dispose() => _certificate.Dispose();

    /// <summary>Schannel takes no key that lives in memory only: it has to pass through the key store of the user.</summary>
    private static X509Certificate2 Usable(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows())
        {
            return certificate;
        }

        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
        }
    }
}
