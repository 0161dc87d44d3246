namespace Libp2p.Crypto.Portable;

/// <summary>A point prepared for being added: Y + X, Y − X, Z and 2d·T.</summary>
internal readonly struct CachedEdwardsPoint(in EdwardsPoint point)
{
    public readonly Field25519 YPlusX = point.Y + point.X;
    public readonly Field25519 YMinusX = point.Y - point.X;
    public readonly Field25519 Z = point.Z;
    public readonly Field25519 T2D = point.T * EdwardsPoint.TwoD;
}
