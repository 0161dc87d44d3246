using System.Formats.Asn1;

namespace Libp2p.Security.Tls;

/// <summary>
/// What a certificate says, before any of it is believed (https://www.rfc-editor.org/rfc/rfc5280#section-4.1).
/// <code>
/// Certificate    ::= SEQUENCE { TBSCertificate, signatureAlgorithm, signature BIT STRING }
/// TBSCertificate ::= SEQUENCE { [0] version, serial, signatureAlgorithm, issuer, validity, subject, subjectPublicKeyInfo, …, [3] extensions }
/// </code>
/// </summary>
internal sealed record RemoteCertificate
{
    /// <summary>The longest certificate read. One of ours takes about 350 bytes, and with an RSA identity of 8192 bits about 2,500.</summary>
    public const int MaxSize = 8 * 1024;

    /// <summary>The most extensions read.</summary>
    public const int MaxExtensions = 32;

    private const int VersionThree = 2;
    private const int LastTwoDigitYear = 2049;
    private const string KeyUsage = "2.5.29.15";
    private const string ExtendedKeyUsage = "2.5.29.37";

    /// <summary>Extensions that constrain nothing here: names, and what an issuer may do. A certificate of libp2p names nobody and issues nothing.</summary>
    private static readonly string[] s_harmless = ["2.5.29.17", "2.5.29.18", "2.5.29.19", "2.5.29.14", "2.5.29.35"];

    private static readonly Asn1Tag s_version = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag s_issuerId = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag s_subjectId = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag s_extensions = new(TagClass.ContextSpecific, 3);

    /// <summary>What its signature is over.</summary>
    public required ReadOnlyMemory<byte> Signed { get; init; }

    /// <summary>How it is signed.</summary>
    public required CertificateSignature Algorithm { get; init; }

    /// <summary>Its signature.</summary>
    public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <summary>Its key, as a SubjectPublicKeyInfo.</summary>
    public required ReadOnlyMemory<byte> PublicKeyInfo { get; init; }

    /// <summary>From when on it holds.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>Until when it holds.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>The identity that it claims.</summary>
    public required SignedKey Identity { get; init; }

    /// <summary>Whether its key may sign in TLS, as far as it says.</summary>
    public required bool MaySign { get; init; }

    /// <summary>Reads a certificate. Its parts share the memory.</summary>
    /// <param name="certificate">The certificate in DER.</param>
    /// <param name="refusal">Why it could not be read.</param>
    public static RemoteCertificate? TryRead(ReadOnlyMemory<byte> certificate, out CertificateRefusal refusal)
    {
        if (certificate.Length > MaxSize)
        {
            refusal = CertificateRefusal.TooLong;
            return null;
        }

        try
        {
            return Read(certificate, out refusal);
        }
        catch (AsnContentException)
        {
            refusal = CertificateRefusal.Malformed;
            return null;
        }
    }

    private static RemoteCertificate? Read(ReadOnlyMemory<byte> der, out CertificateRefusal refusal)
    {
        AsnReader reader = new(der, AsnEncodingRules.DER);
        AsnReader certificate = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        ReadOnlyMemory<byte> signed = certificate.ReadEncodedValue();
        ReadOnlyMemory<byte> algorithm = certificate.ReadEncodedValue();
        ReadOnlyMemory<byte> signature = ReadBits(certificate);
        certificate.ThrowIfNotEmpty();

        AsnReader body = new AsnReader(signed, AsnEncodingRules.DER).ReadSequence();
        AsnReader version = body.ReadSequence(s_version);
        bool isVersionThree = version.TryReadInt32(out int number) && number == VersionThree;
        version.ThrowIfNotEmpty();
        body.ReadIntegerBytes();
        bool isOneAlgorithm = body.ReadEncodedValue().Span.SequenceEqual(algorithm.Span);
        body.ReadSequence(); // the issuer: whoever it is called, its signature must be the key's own
        AsnReader validity = body.ReadSequence();
        (DateTimeOffset notBefore, DateTimeOffset notAfter) = (ReadTime(validity), ReadTime(validity));
        validity.ThrowIfNotEmpty();
        body.ReadSequence(); // the subject
        ReadOnlyMemory<byte> publicKeyInfo = body.ReadEncodedValue();

        if (!isVersionThree || !isOneAlgorithm)
        {
            refusal = CertificateRefusal.Malformed;
            return null;
        }

        if (CertificateSignature.Find(algorithm.Span) is not { } scheme)
        {
            refusal = CertificateRefusal.UnknownSignature;
            return null;
        }

        Extensions extensions = ReadExtensions(body);
        refusal = extensions.Refusal;
        return refusal != CertificateRefusal.None ? null : new RemoteCertificate
        {
            Signed = signed,
            Algorithm = scheme,
            Signature = signature,
            PublicKeyInfo = publicKeyInfo,
            NotBefore = notBefore,
            NotAfter = notAfter,
            Identity = extensions.Identity!.Value,
            MaySign = extensions.MaySign,
        };
    }

    private static Extensions ReadExtensions(AsnReader body)
    {
        Extensions result = new(null, MaySign: true, CertificateRefusal.NoIdentity);
        foreach (Asn1Tag unused in new[] { s_issuerId, s_subjectId })
        {
            if (body.HasData && body.PeekTag().HasSameClassAndValue(unused))
            {
                body.ReadEncodedValue();
            }
        }

        if (!body.HasData)
        {
            return result;
        }

        AsnReader wrapper = body.ReadSequence(s_extensions);
        body.ThrowIfNotEmpty();
        AsnReader list = wrapper.ReadSequence();
        wrapper.ThrowIfNotEmpty();

        for (int count = 0; list.HasData; count++)
        {
            if (count == MaxExtensions)
            {
                return result with { Refusal = CertificateRefusal.TooManyExtensions };
            }

            result = result.With(list.ReadSequence());
            if (result.Refusal is not (CertificateRefusal.None or CertificateRefusal.NoIdentity))
            {
                return result;
            }
        }

        return result;
    }

    private static ReadOnlyMemory<byte> ReadBits(AsnReader reader) =>
        reader.TryReadPrimitiveBitString(out int unused, out ReadOnlyMemory<byte> bits) && unused == 0 ? bits : throw new AsnContentException();

    private static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime(LastTwoDigitYear) : reader.ReadGeneralizedTime();

    /// <summary>What the extensions read so far say.</summary>
    private readonly record struct Extensions(SignedKey? Identity, bool MaySign, CertificateRefusal Refusal)
    {
        /// <summary>With one more. Where ours stands among them does not matter.</summary>
        public Extensions With(AsnReader extension)
        {
            string oid = extension.ReadObjectIdentifier();
            bool isCritical = extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean();
            ReadOnlyMemory<byte> value = extension.TryReadPrimitiveOctetString(out ReadOnlyMemory<byte> octets) ? octets : throw new AsnContentException();
            extension.ThrowIfNotEmpty();

            switch (oid)
            {
                case SignedKey.Oid when Identity is not null:
                    return this with { Refusal = CertificateRefusal.TwoIdentities };
                case SignedKey.Oid:
                    return WithIdentity(value);
                case KeyUsage:
                    return this with { MaySign = MaySign && IsForSignatures(value) };
                case ExtendedKeyUsage:
                    return this with { MaySign = MaySign && IsForTls(value) };
                default:
                    return isCritical && !s_harmless.Contains(oid) ? this with { Refusal = CertificateRefusal.UnknownCriticalExtension } : this;
            }
        }

        private Extensions WithIdentity(ReadOnlyMemory<byte> value)
        {
            try
            {
                return this with { Identity = SignedKey.Read(value), Refusal = CertificateRefusal.None };
            }
            catch (AsnContentException)
            {
                return this with { Refusal = CertificateRefusal.MalformedIdentity };
            }
        }

        /// <summary>Named bits, of which the first is that for signatures.</summary>
        private static bool IsForSignatures(ReadOnlyMemory<byte> value)
        {
            AsnReader reader = new(value, AsnEncodingRules.DER);
            bool isSet = reader.TryReadPrimitiveBitString(out _, out ReadOnlyMemory<byte> bits) && !bits.IsEmpty && (bits.Span[0] & 0x80) != 0;
            reader.ThrowIfNotEmpty();
            return isSet;
        }

        /// <summary>For servers, clients, or anything: peers are both, and some implementations ask for the first alone.</summary>
        private static bool IsForTls(ReadOnlyMemory<byte> value)
        {
            AsnReader reader = new(value, AsnEncodingRules.DER);
            AsnReader purposes = reader.ReadSequence();
            reader.ThrowIfNotEmpty();
            bool isForTls = false;
            while (purposes.HasData)
            {
                isForTls |= purposes.ReadObjectIdentifier() is "1.3.6.1.5.5.7.3.1" or "1.3.6.1.5.5.7.3.2" or "2.5.29.37.0";
            }

            return isForTls;
        }
    }
}
