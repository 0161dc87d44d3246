using System.Runtime.InteropServices;

namespace Libp2p.Crypto.Portable;

/// <summary>
/// A point with Z = 1 prepared for being added: y + x, y − x and 2d·xy. Sixteen words, so that tables are scanned by vectors.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 16 * sizeof(ulong))]
internal struct AffineEdwardsPoint
{
    public Field25519 YPlusX;
    public Field25519 YMinusX;
    public Field25519 XY2D;

    /// <summary>The same points, by one inversion for all of them.</summary>
    public static AffineEdwardsPoint[] FromAll(EdwardsPoint[] points)
    {
        Field25519[] inverses = Array.ConvertAll(points, static point => point.Z);
        Field25519.InvertAll(inverses);
        AffineEdwardsPoint[] result = new AffineEdwardsPoint[points.Length];
        for (int i = 0; i < points.Length; i++)
        {
            Field25519 x = points[i].X * inverses[i];
            Field25519 y = points[i].Y * inverses[i];
            result[i] = new AffineEdwardsPoint { YPlusX = y + x, YMinusX = y - x, XY2D = x * y * EdwardsPoint.TwoD };
        }

        return result;
    }
}
