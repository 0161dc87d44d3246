using System.Runtime.CompilerServices;

namespace Libp2p.Crypto.Portable;

/// <summary>
/// A point of edwards25519, −x² + y² = 1 + d·x²·y², in extended coordinates: x = X/Z, y = Y/Z, xy = T/Z.
/// The formulas are those of Hisil, Wong, Carter and Dawson (2008), complete on this curve: no exceptions, so no branches.
/// </summary>
internal struct EdwardsPoint
{
    private const int EncodedSize = 32;

    /// <summary>d = −121665/121666 and its double.</summary>
    internal static readonly Field25519 D = -(Field25519.FromSmall(121665) * Field25519.FromSmall(121666).Invert());
    internal static readonly Field25519 TwoD = D.Double();

    public Field25519 X;
    public Field25519 Y;
    public Field25519 Z;
    public Field25519 T;

    public static EdwardsPoint Identity => new() { Y = Field25519.One, Z = Field25519.One };

    /// <summary>
    /// Decodes as Go's edwards25519 does, more freely than RFC 8032 §5.1.3: y may be p or more, and the sign bit may be set on x = 0.
    /// False when no point has that y. Variable in time: points come from public keys.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> encoded, out EdwardsPoint point)
    {
        Field25519 y = Field25519.Read(encoded);
        Field25519 ySquared = y.Square();
        bool onCurve = Field25519.TrySqrtRatio(ySquared - Field25519.One, (ySquared * D) + Field25519.One, out Field25519 x);
        x = Field25519.Select(x, -x, 0 - ((ulong)encoded[EncodedSize - 1] >> 7));
        point = new EdwardsPoint { X = x, Y = y, Z = Field25519.One, T = x * y };
        return onCurve;
    }

    /// <summary>The encoding of RFC 8032 §5.1.2.</summary>
    public readonly void Write(Span<byte> encoded)
    {
        Field25519 inverse = Z.Invert();
        (Y * inverse).Write(encoded);
        encoded[EncodedSize - 1] |= (byte)((X * inverse).SignBit() << 7);
    }

    /// <summary>The u coordinate of the same point on curve25519: (1 + y) / (1 − y), RFC 7748 §4.1.</summary>
    public readonly void WriteMontgomeryU(Span<byte> encoded) => ((Z + Y) * (Z - Y).Invert()).Write(encoded);

    public readonly EdwardsPoint Negate() => new() { X = -X, Y = Y, Z = Z, T = -T };

    /// <summary>2·this. Without T, which only an addition reads, it saves a product.</summary>
    [SkipLocalsInit]
    public readonly void Double(out EdwardsPoint result, bool withT)
    {
        Field25519 a = X.Square();
        Field25519 b = Y.Square();
        Field25519 h = a + b;
        Field25519 e = (X + Y).Square() - h;
        Field25519 g = b - a;
        Field25519 f = Z.Square().Double() - g;

        // The paper's F and H, both negated: the same point.
        result.X = e * f;
        result.Y = g * h;
        result.Z = f * g;
        result.T = withT ? e * h : default;
    }

    /// <summary>this + other: 8 products.</summary>
    [SkipLocalsInit]
    public readonly void Add(in CachedEdwardsPoint other, out EdwardsPoint result) =>
        Add((Y - X) * other.YMinusX, (Y + X) * other.YPlusX, T * other.T2D, Z * other.Z, out result);

    /// <summary>this − other.</summary>
    [SkipLocalsInit]
    public readonly void Subtract(in CachedEdwardsPoint other, out EdwardsPoint result) =>
        Subtract((Y - X) * other.YPlusX, (Y + X) * other.YMinusX, T * other.T2D, Z * other.Z, out result);

    /// <summary>this + other, for a point with Z = 1: 7 products.</summary>
    [SkipLocalsInit]
    public readonly void Add(in AffineEdwardsPoint other, out EdwardsPoint result) =>
        Add((Y - X) * other.YMinusX, (Y + X) * other.YPlusX, T * other.XY2D, Z, out result);

    /// <summary>this − other, for a point with Z = 1.</summary>
    [SkipLocalsInit]
    public readonly void Subtract(in AffineEdwardsPoint other, out EdwardsPoint result) =>
        Subtract((Y - X) * other.YPlusX, (Y + X) * other.YMinusX, T * other.XY2D, Z, out result);

    private static void Add(in Field25519 a, in Field25519 b, in Field25519 c, in Field25519 zz, out EdwardsPoint result)
    {
        Field25519 d = zz.Double();
        Complete(b - a, d - c, d + c, b + a, out result);
    }

    private static void Subtract(in Field25519 a, in Field25519 b, in Field25519 c, in Field25519 zz, out EdwardsPoint result)
    {
        Field25519 d = zz.Double();
        Complete(b - a, d + c, d - c, b + a, out result);
    }

    private static void Complete(in Field25519 e, in Field25519 f, in Field25519 g, in Field25519 h, out EdwardsPoint result)
    {
        result.X = e * f;
        result.Y = g * h;
        result.Z = f * g;
        result.T = e * h;
    }
}
