using System.Formats.Asn1;
using Libp2p.Crypto;

namespace Libp2p;

/// <summary>
/// Keys in PKCS#8 (RFC 5208, RFC 5958), which names the algorithm outside and holds the key in the algorithm's own form.
/// <code>
/// PrivateKeyInfo ::= SEQUENCE { version, SEQUENCE { algorithm OID, parameters }, OCTET STRING, [0] attributes, [1] public key }
/// Ed25519 (RFC 8410):  OCTET STRING within the OCTET STRING
/// ECPrivateKey (RFC 5915) ::= SEQUENCE { 1, OCTET STRING scalar, [0] curve OID, [1] public key }
/// </code>
/// </summary>
internal static class Pkcs8Key
{
    private const string Rsa = "1.2.840.113549.1.1.1";
    private const string Ed25519 = "1.3.101.112";
    private const string EllipticCurve = "1.2.840.10045.2.1";
    private const string Secp256k1 = "1.3.132.0.10";
    private const int Ed25519SeedSize = 32;

    private static readonly Asn1Tag s_curveTag = new(TagClass.ContextSpecific, 0, isConstructed: true);

    public static PrivateKey Read(ReadOnlyMemory<byte> der, CryptoEngine engine)
    {
        try
        {
            AsnReader info = Open(der);
            _ = info.ReadInteger();
            AsnReader algorithm = info.ReadSequence();
            string oid = algorithm.ReadObjectIdentifier();
            ReadOnlyMemory<byte> key = ReadOctets(info);

            switch (oid)
            {
                case Rsa:
                    return RsaPrivateKey.FromData(key.Span);
                case Ed25519:
                    return ReadEd25519(key, engine);
                case EllipticCurve when algorithm.ReadObjectIdentifier() == Secp256k1:
                    return ReadSecp256k1(key, engine);
                case EllipticCurve:
                    return EcdsaPrivateKey.FromPkcs8(der.Span);
                default:
                    PrivateKey.Refuse("the algorithm is none of RSA, Ed25519, secp256k1 and ECDSA");
                    return null;
            }
        }
        catch (AsnContentException)
        {
            PrivateKey.Refuse("no PKCS#8 in DER"); // without the reader's words
            return null;
        }
    }

    /// <summary>Reads a bare ECPrivateKey that names its curve.</summary>
    public static PrivateKey ReadEllipticCurve(ReadOnlyMemory<byte> der, CryptoEngine engine)
    {
        try
        {
            AsnReader key = Open(der);
            _ = key.ReadInteger();
            _ = ReadOctets(key);

            return key.ReadSequence(s_curveTag).ReadObjectIdentifier() == Secp256k1
                ? ReadSecp256k1(der, engine)
                : EcdsaPrivateKey.FromData(der.Span);
        }
        catch (AsnContentException)
        {
            PrivateKey.Refuse("no key on a named curve in DER");
            return null;
        }
    }

    private static Ed25519PrivateKey ReadEd25519(ReadOnlyMemory<byte> key, CryptoEngine engine)
    {
        AsnReader reader = new(key, AsnEncodingRules.DER);
        ReadOnlyMemory<byte> seed = ReadOctets(reader);
        reader.ThrowIfNotEmpty();

        if (seed.Length != Ed25519SeedSize)
        {
            PrivateKey.Refuse("the secret of an Ed25519 key is 32 bytes");
        }

        return Ed25519PrivateKey.FromSeed(seed.Span, engine);
    }

    private static Secp256k1PrivateKey ReadSecp256k1(ReadOnlyMemory<byte> der, CryptoEngine engine)
    {
        AsnReader key = Open(der);
        _ = key.ReadInteger();
        return Secp256k1PrivateKey.FromData(ReadOctets(key).Span, engine);
    }

    private static AsnReader Open(ReadOnlyMemory<byte> der)
    {
        AsnReader outer = new(der, AsnEncodingRules.DER);
        AsnReader sequence = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        return sequence;
    }

    private static ReadOnlyMemory<byte> ReadOctets(AsnReader reader) =>
        reader.TryReadPrimitiveOctetString(out ReadOnlyMemory<byte> octets) ? octets : throw new AsnContentException();
}
