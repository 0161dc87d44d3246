using System.Security.Cryptography;

namespace Libp2p;

/// <summary>Signatures of RSA identities: PKCS#1 v1.5 over SHA-256, by keys of 2048 to 8192 bits.</summary>
internal static class RsaSignatures
{
    public const int MinKeySize = 2048;
    public const int MaxKeySize = 8192;

    /// <summary>The exponent is small in every real key, and what a large one costs us, the sender decides.</summary>
    private const int MaxExponentSize = 4;

    /// <summary>
    /// Judges a signature by a key that is a PKIX SubjectPublicKeyInfo, in the one form that DER has for it: the peer id is computed
    /// from these bytes.
    /// </summary>
    public static bool Verify(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        using RSA rsa = RSA.Create();

        try
        {
            rsa.ImportSubjectPublicKeyInfo(key, out int read);

            return read == key.Length
                && rsa.KeySize is >= MinKeySize and <= MaxKeySize
                && rsa.ExportParameters(includePrivateParameters: false).Exponent is { Length: <= MaxExponentSize }
                && key.SequenceEqual(rsa.ExportSubjectPublicKeyInfo())
                && rsa.VerifyData(message, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
