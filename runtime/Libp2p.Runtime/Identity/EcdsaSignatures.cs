using System.Security.Cryptography;

namespace Libp2p;

/// <summary>Signatures of ECDSA identities: ASN.1 DER over SHA-256, by keys on P-256, P-384 or P-521.</summary>
internal static class EcdsaSignatures
{
    /// <summary>
    /// A PKIX SubjectPublicKeyInfo of a named curve and an uncompressed point differs from others of its curve in the point alone.
    /// <code>
    /// 30 len | 30 len | 06 07 ecPublicKey | 06 len curve | 03 len 00 | 04 x y
    /// </code>
    /// </summary>
    private static readonly NamedCurve[] s_curves =
    [
        new("3059301306072a8648ce3d020106082a8648ce3d03010703420004", 32, ECCurve.NamedCurves.nistP256),
        new("3076301006072a8648ce3d020106052b8104002203620004", 48, ECCurve.NamedCurves.nistP384),
        new("30819b301006072a8648ce3d020106052b810400230381860004", 66, ECCurve.NamedCurves.nistP521),
    ];

    /// <summary>Judges a signature by a key that is a PKIX SubjectPublicKeyInfo.</summary>
    public static bool Verify(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        try
        {
            using ECDsa? ecdsa = Import(key);
            return ecdsa is not null
                && ecdsa.VerifyData(message, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (Exception refused) when (refused is CryptographicException or PlatformNotSupportedException)
        {
            return false; // not a point of the curve, or a curve the platform lacks
        }
    }

    /// <summary>Whether signatures could be verified with the key.</summary>
    public static bool IsUsable(ReadOnlySpan<byte> key)
    {
        try
        {
            using ECDsa? ecdsa = Import(key);
            return ecdsa is not null;
        }
        catch (Exception refused) when (refused is CryptographicException or PlatformNotSupportedException)
        {
            return false;
        }
    }

    private static ECDsa? Import(ReadOnlySpan<byte> key)
    {
        foreach (NamedCurve curve in s_curves)
        {
            if (key.StartsWith(curve.Prefix) && key.Length == curve.Prefix.Length + (2 * curve.FieldSize))
            {
                ReadOnlySpan<byte> point = key[curve.Prefix.Length..];
                return ECDsa.Create(new ECParameters
                {
                    Curve = curve.Curve,
                    Q = new ECPoint { X = point[..curve.FieldSize].ToArray(), Y = point[curve.FieldSize..].ToArray() },
                });
            }
        }

        return null;
    }

    private sealed record NamedCurve(string PrefixHex, int FieldSize, ECCurve Curve)
    {
        public byte[] Prefix { get; } = Convert.FromHexString(PrefixHex);
    }
}
