using System.Numerics;
using System.Security.Cryptography;

namespace Libp2p;

/// <summary>
/// Signatures of RSA identities: PKCS#1 v1.5 over SHA-256, by keys of 2048 to 8192 bits. Keys are bounded as go-libp2p bounds them,
/// because a key that one implementation takes and another refuses splits a network, and because the exponent is work that the sender
/// of a key chooses for its verifiers.
/// </summary>
internal static class RsaSignatures
{
    /// <summary>Public exponents, as in Go's crypto/rsa; they are odd, too.</summary>
    private const int MinExponent = 3, MaxExponent = int.MaxValue;

    /// <summary>Judges a signature by a key that is a PKIX SubjectPublicKeyInfo.</summary>
    public static bool Verify(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        try
        {
            using RSA? rsa = Import(key);
            return rsa is not null && rsa.VerifyData(message, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        catch (Exception refused) when (refused is CryptographicException or PlatformNotSupportedException)
        {
            return false;
        }
    }

    /// <summary>Whether signatures could be verified with the key.</summary>
    public static bool IsUsable(ReadOnlySpan<byte> key)
    {
        try
        {
            using RSA? rsa = Import(key);
            return rsa is not null;
        }
        catch (Exception refused) when (refused is CryptographicException or PlatformNotSupportedException)
        {
            return false;
        }
    }

    /// <summary>
    /// Reads a key within our limits, in the one form that DER has for it: the peer id is computed from these bytes.
    /// </summary>
    private static RSA? Import(ReadOnlySpan<byte> key)
    {
        RSA rsa = RSA.Create();
        bool isUsable = false;

        try
        {
            rsa.ImportSubjectPublicKeyInfo(key, out int read);
            isUsable = read == key.Length
                && IsBounded(rsa.ExportParameters(includePrivateParameters: false))
                && key.SequenceEqual(rsa.ExportSubjectPublicKeyInfo());
            return isUsable ? rsa : null;
        }
        finally
        {
            if (!isUsable)
            {
                rsa.Dispose();
            }
        }
    }

    /// <summary>An odd modulus of 2048 to 8192 bits, and an odd exponent of 3 to 2^31 - 1. Counted in bits of the number itself.</summary>
    private static bool IsBounded(RSAParameters key)
    {
        BigInteger modulus = new(key.Modulus, isUnsigned: true, isBigEndian: true);
        BigInteger exponent = new(key.Exponent, isUnsigned: true, isBigEndian: true);
        return modulus.GetBitLength() is >= PrivateKey.MinRsaBits and <= PrivateKey.MaxRsaBits
            && !modulus.IsEven
            && exponent >= MinExponent && exponent <= MaxExponent
            && !exponent.IsEven;
    }
}
