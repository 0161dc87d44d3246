using System.Runtime.InteropServices;

namespace Libp2p.Crypto.Portable;

/// <summary>
/// A point of secp256k1 by its x and y; twelve words, so that tables are scanned by vectors. The neutral point has no such form.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 12 * sizeof(ulong))]
internal struct AffinePointSecp256k1
{
    private const int CoordinateSize = 32;
    private const int CompressedSize = 1 + CoordinateSize;
    private const int UncompressedSize = CompressedSize + CoordinateSize;
    private const byte EvenPrefix = 2;
    private const byte OddPrefix = 3;
    private const byte UncompressedPrefix = 4;

    public FieldSecp256k1 X;
    public FieldSecp256k1 Y;

    /// <summary>
    /// Reads SEC 1 §2.3.4, compressed or uncompressed; hybrid encodings are refused, and so are coordinates of p or more and points off
    /// the curve. Variable in time: public keys only.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> encoded, out AffinePointSecp256k1 point)
    {
        point = default;
        return encoded.Length switch
        {
            CompressedSize when encoded[0] is EvenPrefix or OddPrefix =>
                TryReadCoordinate(encoded[1..], out point.X) && point.TrySolve(isOdd: encoded[0] == OddPrefix),
            UncompressedSize when encoded[0] == UncompressedPrefix =>
                TryReadCoordinate(encoded[1..], out point.X)
                && TryReadCoordinate(encoded[CompressedSize..], out point.Y)
                && (point.Y.Square() - point.Polynomial()).IsZeroMask() != 0,
            _ => false,
        };
    }

    /// <summary>SEC 1 §2.3.3, compressed: 33 bytes.</summary>
    public readonly void WriteCompressed(Span<byte> encoded)
    {
        encoded[0] = (byte)(EvenPrefix | Y.IsOdd());
        X.ToUInt256().WriteBigEndian(encoded[1..]);
    }

    private bool TrySolve(bool isOdd)
    {
        bool found = Polynomial().TrySqrt(out FieldSecp256k1 root);
        Y = root.IsOdd() == (isOdd ? 1UL : 0UL) ? root : -root;
        return found;
    }

    /// <summary>x³ + 7.</summary>
    private readonly FieldSecp256k1 Polynomial() => (X.Square() * X) + FieldSecp256k1.FromSmall(7);

    private static bool TryReadCoordinate(ReadOnlySpan<byte> bigEndian, out FieldSecp256k1 coordinate)
    {
        UInt256 value = UInt256.ReadBigEndian(bigEndian);
        coordinate = FieldSecp256k1.From(in value);
        return value.IsBelowMask(FieldSecp256k1.Prime) != 0;
    }
}
