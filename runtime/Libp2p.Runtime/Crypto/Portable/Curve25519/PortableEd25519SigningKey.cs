using System.Security.Cryptography;

namespace Libp2p.Crypto.Portable;

/// <summary>A scalar and a prefix, expanded from the seed once (RFC 8032 §5.1.5); §5.1.6 per signature.</summary>
internal sealed class PortableEd25519SigningKey : Ed25519SigningKey
{
    private const int Half = 32;

    // Pinned, so that the collector leaves no copies behind.
    private readonly byte[] _expanded = GC.AllocateUninitializedArray<byte>(Ed25519.HashSize, pinned: true);

    public PortableEd25519SigningKey(ReadOnlySpan<byte> seed)
    {
        Ed25519.Expand(seed, _expanded);
        EdwardsBase.Multiply(Scalar).Write(PublicKeyBuffer);
    }

    private ReadOnlySpan<byte> Scalar => _expanded.AsSpan(0, Half);

    private ReadOnlySpan<byte> Prefix => _expanded.AsSpan(Half);

    protected override void SignCore(ReadOnlySpan<byte> message, Span<byte> signature)
    {
        UInt256 nonce = Ed25519.HashToScalar(Prefix, message, default);
        Span<byte> nonceBytes = stackalloc byte[Half];
        nonce.WriteLittleEndian(nonceBytes);
        EdwardsBase.Multiply(nonceBytes).Write(signature[..Half]);

        UInt256 k = Ed25519.HashToScalar(signature[..Half], PublicKey, message);
        UInt256 s = Ed25519.Order.Add(Ed25519.Order.Multiply(UInt256.ReadLittleEndian(Scalar), in k), in nonce);
        s.WriteLittleEndian(signature[Half..]);

        CryptographicOperations.ZeroMemory(nonceBytes);
        Secret.Wipe(ref nonce);
    }

    protected override void Dispose(bool disposing) => CryptographicOperations.ZeroMemory(_expanded);
}
