using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Libp2p.Crypto.Portable;

/// <summary>What signing and verifying share: the group's order, and hashes as scalars (RFC 8032 §5.1).</summary>
internal static class Ed25519
{
    public const int HashSize = SHA512.HashSizeInBytes;

    private const int StackLimit = 512;

    /// <summary>L = 2^252 + 27742317777372353535851937790883648493, the order of the base point.</summary>
    public static readonly MontgomeryModulus Order = new(new UInt256(0x5812631A5CF5D3ED, 0x14DEF9DEA2F79CD6, 0, 0x1000000000000000));

    /// <summary>RFC 8032 §5.1.5: the clamped scalar, then the prefix that makes nonces; 32 bytes each.</summary>
    public static void Expand(ReadOnlySpan<byte> seed, Span<byte> expanded)
    {
        _ = SHA512.HashData(seed, expanded);
        expanded[0] &= 0xF8;
        expanded[31] = (byte)((expanded[31] & 0x7F) | 0x40);
    }

    public static void DerivePublicKey(ReadOnlySpan<byte> seed, Span<byte> publicKey)
    {
        Span<byte> expanded = stackalloc byte[HashSize];
        Expand(seed, expanded);
        EdwardsBase.Multiply(expanded[..(HashSize / 2)]).Write(publicKey);
        CryptographicOperations.ZeroMemory(expanded);
    }

    /// <summary>SHA-512(a ‖ b ‖ c) as a little-endian number modulo L.</summary>
    [SkipLocalsInit]
    public static UInt256 HashToScalar(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c)
    {
        Span<byte> hash = stackalloc byte[HashSize];
        if (a.Length + b.Length + c.Length <= StackLimit)
        {
            // One call on one buffer costs a fraction of what an incremental hash does.
            Span<byte> joined = stackalloc byte[StackLimit];
            a.CopyTo(joined);
            b.CopyTo(joined[a.Length..]);
            c.CopyTo(joined[(a.Length + b.Length)..]);
            joined = joined[..(a.Length + b.Length + c.Length)];
            _ = SHA512.HashData(joined, hash);
            CryptographicOperations.ZeroMemory(joined);
        }
        else
        {
            using IncrementalHash sha512 = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
            sha512.AppendData(a);
            sha512.AppendData(b);
            sha512.AppendData(c);
            _ = sha512.GetHashAndReset(hash);
        }

        UInt256 scalar = Order.Reduce(UInt256.ReadLittleEndian(hash), UInt256.ReadLittleEndian(hash[32..]));
        CryptographicOperations.ZeroMemory(hash);
        return scalar;
    }
}
