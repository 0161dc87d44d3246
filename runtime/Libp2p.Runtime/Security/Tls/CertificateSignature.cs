using System.Collections.Frozen;
using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Libp2p.Security.Tls;

/// <summary>
/// How a certificate is signed: one of the schemes of TLS 1.3 (https://www.rfc-editor.org/rfc/rfc8446#section-4.2.3), with which the
/// certificate's own key must agree.
/// </summary>
/// <param name="Scheme">The code of the scheme.</param>
/// <param name="Hash">The hash; none for Ed25519.</param>
/// <param name="Curve">The object identifier of the curve of an ECDSA key.</param>
/// <param name="Padding">The padding of an RSA signature.</param>
internal sealed record CertificateSignature(ushort Scheme, HashAlgorithmName Hash, string? Curve = null, RSASignaturePadding? Padding = null)
{
    private const string EcPublicKey = "1.2.840.10045.2.1";

    /// <summary>An Ed25519 key, but for its 32 bytes.</summary>
    private static readonly byte[] s_ed25519Key = Convert.FromHexString("302a300506032b6570032100");

    /// <summary>
    /// The encodings of an AlgorithmIdentifier that we take, each as its RFC prescribes: RFC 5758 (ECDSA), 8410
    /// (Ed25519), 4055 (RSA; PSS with a salt as long as the hash and the hash's parameters either way).
    /// </summary>
    private static readonly FrozenDictionary<string, CertificateSignature> s_known = new Dictionary<string, CertificateSignature>
    {
        ["300a06082a8648ce3d040302"] = new(0x0403, HashAlgorithmName.SHA256, "1.2.840.10045.3.1.7"),
        ["300a06082a8648ce3d040303"] = new(0x0503, HashAlgorithmName.SHA384, "1.3.132.0.34"),
        ["300a06082a8648ce3d040304"] = new(0x0603, HashAlgorithmName.SHA512, "1.3.132.0.35"),
        ["300506032b6570"] = new(0x0807, default),
        ["300d06092a864886f70d01010b0500"] = new(0x0401, HashAlgorithmName.SHA256, Padding: RSASignaturePadding.Pkcs1),
        ["300d06092a864886f70d01010c0500"] = new(0x0501, HashAlgorithmName.SHA384, Padding: RSASignaturePadding.Pkcs1),
        ["300d06092a864886f70d01010d0500"] = new(0x0601, HashAlgorithmName.SHA512, Padding: RSASignaturePadding.Pkcs1),
        [Pss("01", "20")] = new(0x0804, HashAlgorithmName.SHA256, Padding: RSASignaturePadding.Pss),
        [Pss("02", "30")] = new(0x0805, HashAlgorithmName.SHA384, Padding: RSASignaturePadding.Pss),
        [Pss("03", "40")] = new(0x0806, HashAlgorithmName.SHA512, Padding: RSASignaturePadding.Pss),
        [PssWithoutNull("01", "20")] = new(0x0804, HashAlgorithmName.SHA256, Padding: RSASignaturePadding.Pss),
        [PssWithoutNull("02", "30")] = new(0x0805, HashAlgorithmName.SHA384, Padding: RSASignaturePadding.Pss),
        [PssWithoutNull("03", "40")] = new(0x0806, HashAlgorithmName.SHA512, Padding: RSASignaturePadding.Pss),
    }.ToFrozenDictionary();

    private const int LongestKnown = 67;

    /// <summary>The scheme that an AlgorithmIdentifier names; null for one that is not taken.</summary>
    public static CertificateSignature? Find(ReadOnlySpan<byte> algorithm) =>
        algorithm.Length <= LongestKnown ? s_known.GetValueOrDefault(Convert.ToHexStringLower(algorithm)) : null;

    /// <summary>Whether a certificate is signed by its own key.</summary>
    /// <param name="publicKeyInfo">The key, as a SubjectPublicKeyInfo.</param>
    /// <param name="signed">What is signed.</param>
    /// <param name="signature">The signature.</param>
    /// <param name="ed25519">Judges signatures of Ed25519.</param>
    /// <param name="cancellationToken">Gives up waiting for it.</param>
    public async ValueTask<bool> VerifyAsync(
        ReadOnlyMemory<byte> publicKeyInfo,
        ReadOnlyMemory<byte> signed,
        ReadOnlyMemory<byte> signature,
        ISignatureVerifier ed25519,
        CancellationToken cancellationToken)
    {
        try
        {
            return this switch
            {
                { Curve: not null } => VerifyEcdsa(publicKeyInfo.Span, signed.Span, signature.Span),
                { Padding: not null } => VerifyRsa(publicKeyInfo.Span, signed.Span, signature.Span),
                _ => publicKeyInfo.Span.StartsWith(s_ed25519Key)
                    && PublicKey.TryCreate(KeyType.Ed25519, publicKeyInfo.Span[s_ed25519Key.Length..], out PublicKey? key)
                    && await ed25519.VerifyAsync(key, signed, signature, cancellationToken),
            };
        }
        catch (Exception refused) when (refused is CryptographicException or PlatformNotSupportedException or AsnContentException)
        {
            return false; // no key of this kind, or one that the platform lacks
        }
    }

    /// <summary>Keys on the scheme's own curve, named and not spelled out: to check a curve of the sender's making is work without bound.</summary>
    private bool VerifyEcdsa(ReadOnlySpan<byte> publicKeyInfo, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        AsnReader algorithm = new AsnReader(publicKeyInfo.ToArray(), AsnEncodingRules.DER).ReadSequence().ReadSequence();
        if (algorithm.ReadObjectIdentifier() != EcPublicKey || algorithm.ReadObjectIdentifier() != Curve)
        {
            return false;
        }

        using ECDsa key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(publicKeyInfo, out int read);
        return read == publicKeyInfo.Length && key.VerifyData(signed, signature, Hash, DSASignatureFormat.Rfc3279DerSequence);
    }

    private bool VerifyRsa(ReadOnlySpan<byte> publicKeyInfo, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        if (!RsaSignatures.IsUsable(publicKeyInfo))
        {
            return false;
        }

        using RSA key = RSA.Create();
        key.ImportSubjectPublicKeyInfo(publicKeyInfo, out _);
        return key.VerifyData(signed, signature, Hash, Padding!);
    }

    private static string Pss(string hash, string salt) =>
        $"304106092a864886f70d01010a3034a00f300d06096086480165030402{hash}0500a11c301a06092a864886f70d010108300d06096086480165030402{hash}0500a2030201{salt}";

    /// <summary>The parameters of a hash may be NULL or absent (RFC 4055, section 2.1); .NET leaves them out.</summary>
    private static string PssWithoutNull(string hash, string salt) =>
        $"303d06092a864886f70d01010a3030a00d300b06096086480165030402{hash}a11a301806092a864886f70d010108300b06096086480165030402{hash}a2030201{salt}";
}
