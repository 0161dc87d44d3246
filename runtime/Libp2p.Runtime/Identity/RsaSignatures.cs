using System.Security.Cryptography;

namespace Libp2p;

/// <summary>Signatures of RSA identities: PKCS#1 v1.5 over SHA-256, by keys of 2048 to 8192 bits.</summary>
internal static class RsaSignatures
{
    /// <summary>The exponent is small in every real key, and what a large one costs us, the sender decides.</summary>
    private const int MaxExponentSize = 4;

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
                && rsa.KeySize is >= PrivateKey.MinRsaBits and <= PrivateKey.MaxRsaBits
                && rsa.ExportParameters(includePrivateParameters: false).Exponent is { Length: <= MaxExponentSize }
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
}
