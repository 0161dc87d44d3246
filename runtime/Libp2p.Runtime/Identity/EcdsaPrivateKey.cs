using System.Security.Cryptography;

namespace Libp2p;

/// <summary>
/// An ECDSA identity. Its data is a SEC 1 ECPrivateKey with curve and public key, as in the specification's vector and in go and rust;
/// the specification's words ask for PKIX, which nobody writes.
/// </summary>
internal sealed class EcdsaPrivateKey : PrivateKey
{
    private readonly Lock _gate = new(); // the platform promises nothing about one key on two threads
    private readonly ECDsa _ecdsa;
    private readonly byte[] _data;

    private EcdsaPrivateKey(ECDsa ecdsa)
        : base(new PublicKey(KeyType.Ecdsa, ecdsa.ExportSubjectPublicKeyInfo())) => (_ecdsa, _data) = (ecdsa, ecdsa.ExportECPrivateKey());

    public static EcdsaPrivateKey Generate() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    public static EcdsaPrivateKey FromData(ReadOnlySpan<byte> data)
    {
        ECDsa ecdsa = ECDsa.Create();

        try
        {
            ecdsa.ImportECPrivateKey(data, out int read);

            if (read == data.Length && EcdsaSignatures.IsSupported(ecdsa.ExportSubjectPublicKeyInfo()))
            {
                return new EcdsaPrivateKey(ecdsa);
            }
        }
        catch (Exception refused) when (refused is CryptographicException or PlatformNotSupportedException) // the latter: its curve
        {
            // Refused below, without the platform's words about the secret.
        }

        ecdsa.Dispose();
        Refuse("an ECDSA key is a SEC 1 structure on P-256, P-384 or P-521");
        return null;
    }

    public override byte[] Sign(ReadOnlySpan<byte> message)
    {
        lock (_gate)
        {
            return _ecdsa.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
    }

    private protected override ReadOnlySpan<byte> SecretData => _data;

    protected override void Dispose(bool disposing)
    {
        CryptographicOperations.ZeroMemory(_data);
        _ecdsa.Dispose();
    }
}
