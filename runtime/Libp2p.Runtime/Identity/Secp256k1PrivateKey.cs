using System.Security.Cryptography;
using Libp2p.Crypto;
using Libp2p.Scheduling;

namespace Libp2p;

/// <summary>A secp256k1 identity. Its data is the scalar, 32 bytes, big-endian.</summary>
internal sealed class Secp256k1PrivateKey : PrivateKey
{
    private readonly byte[] _scalar;
    private readonly CryptoEngine _engine;

    private Secp256k1PrivateKey(byte[] scalar, ReadOnlySpan<byte> publicKey, CryptoEngine engine)
        : base(new PublicKey(KeyType.Secp256k1, publicKey)) => (_scalar, _engine) = (scalar, engine);

    public static Secp256k1PrivateKey Generate(IRandomSource random, CryptoEngine engine)
    {
        byte[] scalar = Allocate();
        Span<byte> publicKey = stackalloc byte[CryptoEngine.Secp256k1PublicKeySize];

        do
        {
            random.Fill(scalar);
        }
        while (!engine.TryDeriveSecp256k1PublicKey(scalar, publicKey)); // once in 2^127

        return new Secp256k1PrivateKey(scalar, publicKey, engine);
    }

    public static Secp256k1PrivateKey FromData(ReadOnlySpan<byte> data, CryptoEngine engine)
    {
        Span<byte> publicKey = stackalloc byte[CryptoEngine.Secp256k1PublicKeySize];

        if (data.Length != CryptoEngine.Secp256k1PrivateKeySize || !engine.TryDeriveSecp256k1PublicKey(data, publicKey))
        {
            Refuse("a secp256k1 key is a scalar of 32 bytes, above zero and below the group's order");
        }

        byte[] scalar = Allocate();
        data.CopyTo(scalar);
        return new Secp256k1PrivateKey(scalar, publicKey, engine);
    }

    private protected override byte[] SignCore(ReadOnlySpan<byte> message)
    {
        Span<byte> signature = stackalloc byte[CryptoEngine.Secp256k1MaxSignatureSize];
        return signature[.._engine.SignSecp256k1(_scalar, message, signature)].ToArray();
    }

    private protected override ReadOnlySpan<byte> SecretData => _scalar;

    protected override void Dispose(bool disposing)
    {
        CryptographicOperations.ZeroMemory(_scalar);
    }

    /// <summary>Pinned, so that the garbage collector leaves no copies behind.</summary>
    private static byte[] Allocate() => GC.AllocateArray<byte>(CryptoEngine.Secp256k1PrivateKeySize, pinned: true);
}
