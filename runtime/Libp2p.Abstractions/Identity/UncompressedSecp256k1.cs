using System.Globalization;
using System.Numerics;

namespace Libp2p;

/// <summary>
/// The uncompressed form of a secp256k1 key, which go, rust and js read and write anew in the compressed form that the peer id is
/// computed from (SEC 1, 2.3.3).
/// <code>
/// 04 | x (32) | y (32)   -&gt;   02 or 03, by whether y is odd | x
/// </code>
/// </summary>
internal static class UncompressedSecp256k1
{
    /// <summary>Bytes of the uncompressed form.</summary>
    public const int Length = 65;

    private const int FieldSize = 32;

    // The field's prime: 2^256 - 2^32 - 977.
    private static readonly BigInteger s_prime =
        BigInteger.Parse("0fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>Writes the compressed form; false where the bytes are no point of the curve in this form.</summary>
    /// <param name="key">The key as it was received.</param>
    /// <param name="compressed">33 bytes.</param>
    public static bool TryCompress(ReadOnlySpan<byte> key, Span<byte> compressed)
    {
        if (key.Length != Length || key[0] != 4)
        {
            return false;
        }

        // Without this check a key would be taken here that the others refuse: x alone does not tell whether y belongs to it.
        BigInteger x = new(key.Slice(1, FieldSize), isUnsigned: true, isBigEndian: true);
        BigInteger y = new(key[(1 + FieldSize)..], isUnsigned: true, isBigEndian: true);
        if (x >= s_prime || y >= s_prime || ((y * y) - (x * x * x) - 7) % s_prime != 0)
        {
            return false;
        }

        compressed[0] = (byte)(y.IsEven ? 2 : 3);
        key.Slice(1, FieldSize).CopyTo(compressed[1..]);
        return true;
    }
}
