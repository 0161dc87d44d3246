using System.Security.Cryptography;

namespace Libp2p;

/// <summary>An RSA identity. Its data is a PKCS#1 RSAPrivateKey.</summary>
internal sealed class RsaPrivateKey : PrivateKey
{
    private readonly Lock _gate = new(); // the platform promises nothing about one key on two threads
    private readonly RSA _rsa;
    private readonly byte[] _data;

    private RsaPrivateKey(RSA rsa)
        : base(new PublicKey(KeyType.Rsa, rsa.ExportSubjectPublicKeyInfo())) => (_rsa, _data) = (rsa, rsa.ExportRSAPrivateKey());

    public static RsaPrivateKey Generate(int bits) => new(RSA.Create(bits));

    public static RsaPrivateKey FromData(ReadOnlySpan<byte> data)
    {
        RSA rsa = RSA.Create();

        try
        {
            rsa.ImportRSAPrivateKey(data, out int read);

            if (read == data.Length && rsa.KeySize is >= RsaSignatures.MinKeySize and <= RsaSignatures.MaxKeySize)
            {
                return new RsaPrivateKey(rsa);
            }
        }
        catch (CryptographicException)
        {
            // Refused below, without the platform's words about the secret.
        }

        rsa.Dispose();
        Refuse($"an RSA key is a PKCS#1 structure of {RsaSignatures.MinKeySize} to {RsaSignatures.MaxKeySize} bits");
        return null;
    }

    public override byte[] Sign(ReadOnlySpan<byte> message)
    {
        lock (_gate)
        {
            return _rsa.SignData(message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
    }

    private protected override ReadOnlySpan<byte> SecretData => _data;

    protected override void Dispose(bool disposing)
    {
        CryptographicOperations.ZeroMemory(_data);
        _rsa.Dispose();
    }
}
