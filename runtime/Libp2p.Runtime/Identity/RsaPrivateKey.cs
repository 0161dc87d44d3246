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

    public static RsaPrivateKey Generate(int bits)
    {
        RSA rsa = PlatformAlgorithm.CreateRsa();
        rsa.KeySize = bits;
        return new RsaPrivateKey(rsa); // drawn when it is first asked for
    }

    public static RsaPrivateKey FromData(ReadOnlySpan<byte> data)
    {
        RSA rsa = PlatformAlgorithm.CreateRsa();

        try
        {
            rsa.ImportRSAPrivateKey(data, out int read);

            if (read == data.Length && RsaSignatures.IsUsable(rsa.ExportSubjectPublicKeyInfo()))
            {
                RsaPrivateKey key = new(rsa);

                if (key.SignsForItself())
                {
                    return key;
                }

                key.Dispose();
            }
        }
        catch (CryptographicException)
        {
            // Refused below, without the platform's words about the secret.
        }

        rsa.Dispose();
        Refuse($"an RSA key is a PKCS#1 structure of {MinRsaBits} to {MaxRsaBits} bits, whose numbers belong together");
        return null;
    }

    private protected override ReadOnlySpan<byte> SecretData => _data;

    private protected override byte[] SignCore(ReadOnlySpan<byte> message)
    {
        lock (_gate)
        {
            return _rsa.SignData(message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
    }

    protected override void Dispose(bool disposing)
    {
        CryptographicOperations.ZeroMemory(_data);
        _rsa.Dispose();
    }

    /// <summary>A key with one wrong prime signs, and whoever sees the signature knows the other prime.</summary>
    private bool SignsForItself()
    {
        ReadOnlySpan<byte> message = PublicKey.ToProtobuf().Span;
        return RsaSignatures.Verify(PublicKey.Data.Span, message, SignCore(message));
    }
}
