using System.Security.Cryptography;
using Libp2p.Crypto;
using Libp2p.Scheduling;

namespace Libp2p;

/// <summary>
/// An Ed25519 identity. Its data is seed and public key; older nodes wrote the public key twice.
/// <code>
/// seed (32) | public key (32) [ | public key (32) ]
/// </code>
/// </summary>
internal sealed class Ed25519PrivateKey : PrivateKey
{
    private const int SeedSize = CryptoEngine.Ed25519KeySize;
    private const int DataSize = SeedSize + CryptoEngine.Ed25519KeySize;
    private const int OldDataSize = DataSize + CryptoEngine.Ed25519KeySize;

    private readonly byte[] _data;
    private readonly Ed25519SigningKey _key;

    private Ed25519PrivateKey(ReadOnlySpan<byte> seed, Ed25519SigningKey key)
        : base(new PublicKey(KeyType.Ed25519, key.PublicKey))
    {
        _key = key;
        _data = GC.AllocateArray<byte>(DataSize, pinned: true); // the garbage collector leaves no copies behind
        seed.CopyTo(_data);
        key.PublicKey.CopyTo(_data.AsSpan(SeedSize));
    }

    public static Ed25519PrivateKey Generate(IRandomSource random, CryptoEngine engine)
    {
        Span<byte> seed = stackalloc byte[SeedSize];
        random.Fill(seed);
        Ed25519PrivateKey key = FromSeed(seed, engine);
        CryptographicOperations.ZeroMemory(seed);
        return key;
    }

    public static Ed25519PrivateKey FromSeed(ReadOnlySpan<byte> seed, CryptoEngine engine) =>
        new(seed, engine.CreateEd25519SigningKey(seed));

    /// <summary>The public half is derived, and what the message says of it must agree: a signature made with another's tells the seed.</summary>
    public static Ed25519PrivateKey FromData(ReadOnlySpan<byte> data, CryptoEngine engine)
    {
        if (data.Length is not (DataSize or OldDataSize))
        {
            Refuse("an Ed25519 key is seed and public key, 64 bytes");
        }

        Ed25519PrivateKey key = FromSeed(data[..SeedSize], engine);
        bool agree = true;

        for (int at = SeedSize; at < data.Length; at += SeedSize)
        {
            agree &= CryptographicOperations.FixedTimeEquals(key._key.PublicKey, data.Slice(at, SeedSize));
        }

        if (!agree)
        {
            key.Dispose();
            Refuse("the public half is not the secret's");
        }

        return key;
    }

    private protected override byte[] SignCore(ReadOnlySpan<byte> message)
    {
        byte[] signature = new byte[CryptoEngine.Ed25519SignatureSize];
        _key.Sign(message, signature);
        return signature;
    }

    private protected override ReadOnlySpan<byte> SecretData => _data;

    protected override void Dispose(bool disposing)
    {
        CryptographicOperations.ZeroMemory(_data);
        _key.Dispose();
    }
}
