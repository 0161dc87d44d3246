using System.Runtime.CompilerServices;

namespace Libp2p.Crypto.Portable;

/// <summary>
/// A point of y² = x³ + 7 in homogeneous coordinates: x = X/Z, y = Y/Z, and Z = 0 is the neutral one. The formulas are those of Renes,
/// Costello and Batina (2016) for a = 0: complete, so equal, opposite and neutral operands need no branches. Coordinates are kept tight.
/// </summary>
internal struct PointSecp256k1
{
    /// <summary>3b.</summary>
    private const ulong B3 = 21;

    public FieldSecp256k1 X;
    public FieldSecp256k1 Y;
    public FieldSecp256k1 Z;

    public static PointSecp256k1 Neutral => new() { Y = FieldSecp256k1.One };

    public static PointSecp256k1 From(in AffinePointSecp256k1 point) => new() { X = point.X, Y = point.Y, Z = FieldSecp256k1.One };

    /// <summary>Meaningless for the neutral point.</summary>
    public readonly AffinePointSecp256k1 ToAffine()
    {
        FieldSecp256k1 inverse = Z.Invert();
        return new AffinePointSecp256k1 { X = X * inverse, Y = Y * inverse };
    }

    /// <summary>The same points, none of them neutral, by one inversion for all.</summary>
    public static AffinePointSecp256k1[] ToAffine(PointSecp256k1[] points)
    {
        FieldSecp256k1[] inverses = Array.ConvertAll(points, static point => point.Z);
        FieldSecp256k1.InvertAll(inverses);
        AffinePointSecp256k1[] result = new AffinePointSecp256k1[points.Length];
        for (int i = 0; i < points.Length; i++)
        {
            result[i] = new AffinePointSecp256k1 { X = points[i].X * inverses[i], Y = points[i].Y * inverses[i] };
        }

        return result;
    }

    /// <summary>2·this (algorithm 9).</summary>
    [SkipLocalsInit]
    public readonly void Double(out PointSecp256k1 result)
    {
        FieldSecp256k1 yy = Y.Square();
        FieldSecp256k1 bzz = Z.Square() * B3;
        FieldSecp256k1 eightYY = yy * 8UL;
        FieldSecp256k1 difference = yy - (bzz + bzz + bzz);
        FieldSecp256k1 xy = X * Y;

        result.Z = Y * Z * eightYY;
        result.Y = ((difference * (yy + bzz)) + (bzz * eightYY)).Tight();
        FieldSecp256k1 half = difference * xy;
        result.X = (half + half).Tight();
    }

    /// <summary>this + other (algorithm 7).</summary>
    [SkipLocalsInit]
    public readonly void Add(in PointSecp256k1 other, out PointSecp256k1 result)
    {
        FieldSecp256k1 xx = X * other.X;
        FieldSecp256k1 yy = Y * other.Y;
        FieldSecp256k1 zz = Z * other.Z;
        FieldSecp256k1 xy = ((X + Y) * (other.X + other.Y)) - (xx + yy);
        FieldSecp256k1 yz = ((Y + Z) * (other.Y + other.Z)) - (yy + zz);
        FieldSecp256k1 xz = ((X + Z) * (other.X + other.Z)) - (xx + zz);
        Complete(in xx, in yy, in zz, in xy, in yz, in xz, out result);
    }

    /// <summary>this + other, for a point that is not the neutral one (algorithm 8).</summary>
    [SkipLocalsInit]
    public readonly void Add(in AffinePointSecp256k1 other, out PointSecp256k1 result)
    {
        FieldSecp256k1 xx = X * other.X;
        FieldSecp256k1 yy = Y * other.Y;
        FieldSecp256k1 xy = ((X + Y) * (other.X + other.Y)) - (xx + yy);
        FieldSecp256k1 yz = (other.Y * Z) + Y;
        FieldSecp256k1 xz = (other.X * Z) + X;
        Complete(in xx, in yy, in Z, in xy, in yz, in xz, out result);
    }

    /// <summary>From x1x2, y1y2, z1z2 and the mixed sums x1y2 + x2y1, y1z2 + y2z1, x1z2 + x2z1.</summary>
    private static void Complete(
        in FieldSecp256k1 xx,
        in FieldSecp256k1 yy,
        in FieldSecp256k1 zz,
        in FieldSecp256k1 xy,
        in FieldSecp256k1 yz,
        in FieldSecp256k1 xz,
        out PointSecp256k1 result)
    {
        FieldSecp256k1 bzz = zz * B3;
        FieldSecp256k1 bxz = xz * B3;
        FieldSecp256k1 sum = yy + bzz;
        FieldSecp256k1 difference = yy - bzz;
        FieldSecp256k1 threeXX = xx + xx + xx;
        result.X = (xy * difference) - (bxz * yz);
        result.Y = ((sum * difference) + (threeXX * bxz)).Tight();
        result.Z = ((yz * sum) + (threeXX * xy)).Tight();
    }
}
