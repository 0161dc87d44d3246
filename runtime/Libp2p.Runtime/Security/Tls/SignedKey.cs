using System.Formats.Asn1;

namespace Libp2p.Security.Tls;

/// <summary>
/// The extension that ties a certificate to an identity (https://github.com/libp2p/specs/blob/master/tls/tls.md#libp2p-public-key-extension).
/// <code>
/// SignedKey ::= SEQUENCE { publicKey OCTET STRING, signature OCTET STRING }
/// </code>
/// </summary>
/// <param name="PublicKey">The identity key, as a protobuf message.</param>
/// <param name="Signature">Its signature over <see cref="SignedMessage"/>.</param>
internal readonly record struct SignedKey(ReadOnlyMemory<byte> PublicKey, ReadOnlyMemory<byte> Signature)
{
    /// <summary>The extension's object identifier.</summary>
    public const string Oid = "1.3.6.1.4.1.53594.1.1";

    /// <summary>What is signed before the certificate's key.</summary>
    public static ReadOnlySpan<byte> SignaturePrefix => "libp2p-tls-handshake:"u8;

    /// <summary>What the signature is over.</summary>
    /// <param name="publicKeyInfo">The certificate's key, as a SubjectPublicKeyInfo.</param>
    public static byte[] SignedMessage(ReadOnlySpan<byte> publicKeyInfo) => [.. SignaturePrefix, .. publicKeyInfo];

    /// <summary>Reads the extension's value.</summary>
    /// <exception cref="AsnContentException">It is malformed.</exception>
    public static SignedKey Read(ReadOnlyMemory<byte> value)
    {
        AsnReader reader = new(value, AsnEncodingRules.DER);
        AsnReader fields = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        SignedKey key = new(ReadOctets(fields), ReadOctets(fields));
        fields.ThrowIfNotEmpty();
        return key;
    }

    /// <summary>The extension's value.</summary>
    public byte[] Write()
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteOctetString(PublicKey.Span);
            writer.WriteOctetString(Signature.Span);
        }

        return writer.Encode();
    }

    private static ReadOnlyMemory<byte> ReadOctets(AsnReader reader) =>
        reader.TryReadPrimitiveOctetString(out ReadOnlyMemory<byte> octets) ? octets : throw new AsnContentException();
}
