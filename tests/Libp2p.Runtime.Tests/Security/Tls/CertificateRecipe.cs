using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Libp2p.Security.Tls;
using Libp2p.TestKit;

namespace Libp2p.Tests.Security.Tls;

/// <summary>How to make a certificate as a peer of libp2p has it, or with one thing wrong.</summary>
internal sealed record CertificateRecipe
{
    private const string SomeExtension = "1.3.6.1.4.1.53594.99.1";

    private const string SecondOid = "1.3.6.1.4.1.53594.1.2";

    private static readonly byte[] s_secondOid = Convert.FromHexString("2b0601040183a25a0102");

    public static readonly DateTimeOffset Now = new(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);

    public static KeyPairSigner Someone { get; } = TestIdentity.Ed25519(71);

    public KeyPairSigner Identity { get; init; } = Someone;

    public DateTimeOffset NotBefore { get; init; } = Now.AddHours(-1);

    public DateTimeOffset NotAfter { get; init; } = Now.AddYears(1);

    /// <summary>How often the libp2p extension is there.</summary>
    public int Identities { get; init; } = 1;

    public bool IsCritical { get; init; }

    /// <summary>Changes what is signed by the identity.</summary>
    public Func<byte[], byte[]> Signed { get; init; } = message => message;

    /// <summary>Changes the extension's value.</summary>
    public Func<SignedKey, byte[]> Value { get; init; } = signed => signed.Write();

    public IReadOnlyList<X509Extension> Before { get; init; } = [];

    public IReadOnlyList<X509Extension> After { get; init; } = [];

    /// <summary>Null: P-256.</summary>
    public Func<AsymmetricAlgorithm>? Key { get; init; }

    public HashAlgorithmName Hash { get; init; } = HashAlgorithmName.SHA256;

    public RSASignaturePadding Padding { get; init; } = RSASignaturePadding.Pkcs1;

    /// <summary>Signs the certificate, which is then not signed by itself.</summary>
    public bool IsIssuedByAnother { get; init; }

    public static X509Extension Unknown(bool critical, int last = 1) => new($"{SomeExtension}.{last}", [5, 0], critical);

    /// <summary>A certificate with its key.</summary>
    public X509Certificate2 Make()
    {
        using AsymmetricAlgorithm key = Key?.Invoke() ?? ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X500DistinguishedName name = new("CN=test");
        CertificateRequest request = key is RSA rsa
            ? new CertificateRequest(name, rsa, Hash, Padding)
            : new CertificateRequest(name, (ECDsa)key, Hash);

        foreach (X509Extension extension in Before.Concat(Enumerable.Range(0, Identities).Select(i => IdentityOf(key, i))).Concat(After))
        {
            request.CertificateExtensions.Add(extension);
        }

        using AsymmetricAlgorithm issuer = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X509SignatureGenerator generator = IsIssuedByAnother || key is ECDsa
            ? X509SignatureGenerator.CreateForECDsa((ECDsa)(IsIssuedByAnother ? issuer : key))
            : X509SignatureGenerator.CreateForRSA((RSA)key, Padding);
        using X509Certificate2 made = request.Create(name, generator, NotBefore, NotAfter, [1, 2, 3, 4]);
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(Identities < 2 ? made.RawData : WithOneOid(made.RawData));
        return key is RSA own ? certificate.CopyWithPrivateKey(own) : certificate.CopyWithPrivateKey((ECDsa)key);
    }

    /// <summary>A certificate in DER.</summary>
    public byte[] Der()
    {
        using X509Certificate2 certificate = Make();
        return certificate.RawData;
    }

    /// <summary>The platform makes no certificate with one extension twice, so the second begins as another.</summary>
    private static byte[] WithOneOid(byte[] der)
    {
        der.AsSpan(der.AsSpan().IndexOf(s_secondOid), s_secondOid.Length)[^1] = 1;
        return der;
    }

    private X509Extension IdentityOf(AsymmetricAlgorithm key, int index)
    {
        byte[] message = Signed(SignedKey.SignedMessage(key.ExportSubjectPublicKeyInfo()));
        byte[] signature = Identity.SignAsync(message, CancellationToken.None).AsTask().GetAwaiter().GetResult(); // this signer never waits
        return new X509Extension(index == 0 ? SignedKey.Oid : SecondOid, Value(new SignedKey(Identity.PublicKey.ToProtobuf(), signature)), IsCritical);
    }
}
