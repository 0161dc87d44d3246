using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Libp2p.Security.Tls;
using Libp2p.TestKit;

namespace Libp2p.Tests.Security.Tls;

/// <summary>Certificates that must be taken, and those that must be refused with what is said of them.</summary>
internal static class CertificateCases
{
    private static readonly Oid s_server = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid s_email = new("1.3.6.1.5.5.7.3.4");

    public static IReadOnlyDictionary<string, CertificateRecipe> Good { get; } = new Dictionary<string, CertificateRecipe>
    {
        ["plain"] = new(),
        ["critical extension"] = new() { IsCritical = true },
        ["extension not the first"] = new() { Before = [CertificateRecipe.Unknown(critical: false)] },
        ["other extensions behind"] = new() { After = [CertificateRecipe.Unknown(critical: false), new X509BasicConstraintsExtension(false, false, 0, critical: true)] },
        ["for signatures"] = new() { Before = [new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true)] },
        ["for servers"] = new() { After = [new X509EnhancedKeyUsageExtension([s_server], critical: true)] },
        ["ended 23 hours ago"] = new() { NotAfter = CertificateRecipe.Now.AddHours(-23), NotBefore = CertificateRecipe.Now.AddDays(-9) },
        ["begins in 23 hours"] = new() { NotBefore = CertificateRecipe.Now.AddHours(23) },
        ["until the end of time"] = new() { NotBefore = new(1975, 1, 1, 0, 0, 0, TimeSpan.Zero), NotAfter = new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero) },
        ["P-384"] = new() { Key = () => ECDsa.Create(ECCurve.NamedCurves.nistP384), Hash = HashAlgorithmName.SHA384 },
        ["P-521"] = new() { Key = () => ECDsa.Create(ECCurve.NamedCurves.nistP521), Hash = HashAlgorithmName.SHA512 },
        ["RSA"] = new() { Key = () => RSA.Create(2048) },
        ["RSA PSS"] = new() { Key = () => RSA.Create(2048), Padding = RSASignaturePadding.Pss },
        ["identity RSA"] = new() { Identity = TestIdentity.Of(KeyType.Rsa, 1) },
        ["identity ECDSA"] = new() { Identity = TestIdentity.Of(KeyType.Ecdsa, 1) },
        ["identity secp256k1"] = new() { Identity = TestIdentity.Of(KeyType.Secp256k1, 1) },
    };

    public static IReadOnlyDictionary<string, (CertificateRecipe Recipe, string Said)> Bad { get; } = new Dictionary<string, (CertificateRecipe, string)>
    {
        ["no extension"] = (new() { Identities = 0 }, "has no libp2p extension"),
        ["two extensions"] = (new() { Identities = 2 }, "has two libp2p extensions"),
        ["unknown critical extension"] = (new() { After = [CertificateRecipe.Unknown(critical: true)] }, "has a critical extension that is unknown"),
        ["unknown critical extension before ours"] = (new() { Before = [CertificateRecipe.Unknown(critical: true)] }, "has a critical extension that is unknown"),
        ["extension of nothing"] = (new() { Value = _ => [] }, "malformed libp2p extension"),
        ["extension with more behind"] = (new() { Value = signed => [.. signed.Write(), 5, 0] }, "malformed libp2p extension"),
        ["extension of one string"] = (new() { Value = _ => [0x30, 3, 4, 1, 7] }, "malformed libp2p extension"),
        ["ended 25 hours ago"] = (new() { NotAfter = CertificateRecipe.Now.AddHours(-25), NotBefore = CertificateRecipe.Now.AddDays(-9) }, "holds from"),
        ["begins in 25 hours"] = (new() { NotBefore = CertificateRecipe.Now.AddHours(25) }, "holds from"),
        ["not for signatures"] = (new() { After = [new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true)] }, "is not for TLS signatures"),
        ["not for TLS"] = (new() { After = [new X509EnhancedKeyUsageExtension([s_email], critical: false)] }, "is not for TLS signatures"),
        ["issued by another"] = (new() { IsIssuedByAnother = true }, "is not signed by its own key"),
        ["short RSA key"] = (new() { Key = () => RSA.Create(1024) }, "is not signed by its own key"),
        ["curve and hash of two schemes"] = (new() { Key = () => ECDsa.Create(ECCurve.NamedCurves.nistP384) }, "is not signed by its own key"),
        ["another's key signed"] = (new() { Signed = message => [.. message[..^1], (byte)(message[^1] ^ 1)] }, "whose it claims to be"),
        ["key signed without the prefix"] = (new() { Signed = message => message[SignedKey.SignaturePrefix.Length..] }, "whose it claims to be"),
        ["another's identity"] = (new() { Value = signed => (signed with { PublicKey = TestIdentity.Ed25519(72).PublicKey.ToProtobuf() }).Write() }, "whose it claims to be"),
        ["no signature"] = (new() { Value = signed => (signed with { Signature = default }).Write() }, "whose it claims to be"),
        ["no identity key"] = (new() { Value = signed => (signed with { PublicKey = default }).Write() }, "an identity key that is none"),
        ["identity key of 5,000 bytes"] = (new() { Value = signed => (signed with { PublicKey = new byte[5000] }).Write() }, "an identity key that is none"),
        ["9,000 bytes"] = (new() { Value = signed => (signed with { Signature = new byte[9000] }).Write() }, "is longer than 8192 bytes"),
        ["33 extensions"] = (new() { After = [.. Enumerable.Range(2, 32).Select(i => CertificateRecipe.Unknown(critical: false, i))] }, "has more than 32 extensions"),
    };
}
