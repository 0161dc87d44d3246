using System.Security.Cryptography;
using Libp2p.Scheduling;

namespace Libp2p;

/// <summary>
/// An ECDSA identity. Its data is a SEC 1 ECPrivateKey with curve and public key, as in the specification's vector and in go and rust;
/// the specification's words ask for PKIX, which nobody writes.
/// </summary>
internal sealed class EcdsaPrivateKey : PrivateKey
{
    private const string Reason = "an ECDSA key is a SEC 1 structure on P-256, P-384 or P-521, whose halves belong together";

    private readonly Lock _gate = new(); // the platform promises nothing about one key on two threads
    private readonly ECDsa _ecdsa;
    private readonly byte[] _data;

    private EcdsaPrivateKey(ECDsa ecdsa)
        : base(new PublicKey(KeyType.Ecdsa, ecdsa.ExportSubjectPublicKeyInfo())) => (_ecdsa, _data) = (ecdsa, ecdsa.ExportECPrivateKey());

    // SEC 2, secp256r1: the scalar is above zero and below this.
    private static ReadOnlySpan<byte> P256Order =>
    [
        0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
    ];

    public static EcdsaPrivateKey Generate(IRandomSource random)
    {
        ECDsa ecdsa = PlatformAlgorithm.CreateEcdsa();
        byte[] scalar = GC.AllocateArray<byte>(P256Order.Length, pinned: true);

        try
        {
            do
            {
                random.Fill(scalar);
            }
            while (scalar.AsSpan().SequenceCompareTo(P256Order) >= 0 || !scalar.AsSpan().ContainsAnyExcept((byte)0)); // once in 2^32

            ecdsa.ImportParameters(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar });
            return new EcdsaPrivateKey(ecdsa);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }

    public static EcdsaPrivateKey FromData(ReadOnlySpan<byte> data) =>
        Import(data, static (ECDsa ecdsa, ReadOnlySpan<byte> source, out int read) => ecdsa.ImportECPrivateKey(source, out read));

    /// <summary>Reads a PKCS#8 PrivateKeyInfo.</summary>
    public static EcdsaPrivateKey FromPkcs8(ReadOnlySpan<byte> source) =>
        Import(source, static (ECDsa ecdsa, ReadOnlySpan<byte> source, out int read) => ecdsa.ImportPkcs8PrivateKey(source, out read));

    private protected override ReadOnlySpan<byte> SecretData => _data;

    private protected override byte[] SignCore(ReadOnlySpan<byte> message)
    {
        lock (_gate)
        {
            return _ecdsa.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
    }

    protected override void Dispose(bool disposing)
    {
        CryptographicOperations.ZeroMemory(_data);
        _ecdsa.Dispose();
    }

    private delegate void Importer(ECDsa ecdsa, ReadOnlySpan<byte> source, out int read);

    private static EcdsaPrivateKey Import(ReadOnlySpan<byte> source, Importer import)
    {
        ECDsa ecdsa = PlatformAlgorithm.CreateEcdsa();

        try
        {
            import(ecdsa, source, out int read);

            if (read == source.Length && EcdsaSignatures.IsUsable(ecdsa.ExportSubjectPublicKeyInfo()))
            {
                EcdsaPrivateKey key = new(ecdsa);

                if (key.SignsForItself())
                {
                    return key;
                }

                key.Dispose();
            }
        }
        catch (Exception refused) when (refused is CryptographicException or PlatformNotSupportedException) // the latter: its curve
        {
            // Refused below, without the platform's words about the secret.
        }

        ecdsa.Dispose();
        Refuse(Reason);
        return null;
    }

    /// <summary>Not every platform asks, when it imports a key, whether its halves belong together.</summary>
    private bool SignsForItself()
    {
        ReadOnlySpan<byte> message = PublicKey.ToProtobuf().Span;
        return EcdsaSignatures.Verify(PublicKey.Data.Span, message, SignCore(message));
    }
}
