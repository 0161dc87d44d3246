using System.Runtime.InteropServices;

namespace Libp2p.Crypto.Portable;

/// <summary>A point prepared for being added: Y + X, Y − X, Z and 2d·T.</summary>
internal readonly struct CachedEdwardsPoint(in EdwardsPoint point)
{
    public readonly Field25519 YPlusX = point.Y + point.X;
    public readonly Field25519 YMinusX = point.Y - point.X;
    public readonly Field25519 Z = point.Z;
    public readonly Field25519 T2D = point.T * EdwardsPoint.TwoD;
}

/// <summary>A point with Z = 1 prepared for being added: y + x, y − x and 2d·xy. Sixteen words, so that tables are scanned by vectors.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16 * sizeof(ulong))]
internal struct AffineEdwardsPoint
{
    public Field25519 YPlusX;
    public Field25519 YMinusX;
    public Field25519 XY2D;

    /// <summary>From a point and the inverse of its Z.</summary>
    public AffineEdwardsPoint(in EdwardsPoint point, in Field25519 inverseZ)
    {
        Field25519 x = point.X * inverseZ;
        Field25519 y = point.Y * inverseZ;
        YPlusX = y + x;
        YMinusX = y - x;
        XY2D = x * y * EdwardsPoint.TwoD;
    }
}
