using System.Runtime.CompilerServices;

namespace Libp2p.Crypto.Portable;

/// <summary>
/// An integer modulo p = 2^256 − 2^32 − 977 in four limbs of 52 bits and one of 48. Nothing here branches on a value or indexes by one.
/// </summary>
/// <remarks>
/// As in <see cref="Field25519"/>: <em>tight</em> is what products and differences give, limbs below 2^52 + 2^39 and the top one below
/// 2^48 + 2^7; <em>loose</em> is a sum of up to three tight ones, which every operation accepts. Addition does not carry.
/// </remarks>
internal readonly partial struct FieldSecp256k1
{
    private const ulong Mask = (1UL << 52) - 1;
    private const ulong TopMask = (1UL << 48) - 1;

    /// <summary>2^256 modulo p.</summary>
    private const ulong Fold = 0x1_0000_03D1;

    // 4p, limb by limb: larger than any loose limb, so subtraction stays positive.
    private const ulong FourP0 = 4 * (Mask + 1 - Fold);
    private const ulong FourP = 4 * Mask;
    private const ulong FourP4 = 4 * TopMask;

    private readonly ulong _0;
    private readonly ulong _1;
    private readonly ulong _2;
    private readonly ulong _3;
    private readonly ulong _4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private FieldSecp256k1(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4)
    {
        _0 = l0;
        _1 = l1;
        _2 = l2;
        _3 = l3;
        _4 = l4;
    }

    public static FieldSecp256k1 Zero => default;

    public static FieldSecp256k1 One => FromSmall(1);

    /// <summary>p itself.</summary>
    public static UInt256 Prime => new(ulong.MaxValue - Fold + 1, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);

    /// <summary>A number below 2^52.</summary>
    public static FieldSecp256k1 FromSmall(ulong value) => new(value, 0, 0, 0, 0);

    public static FieldSecp256k1 From(in UInt256 value) => new(
        value.W0 & Mask,
        ((value.W0 >> 52) | (value.W1 << 12)) & Mask,
        ((value.W1 >> 40) | (value.W2 << 24)) & Mask,
        ((value.W2 >> 28) | (value.W3 << 36)) & Mask,
        value.W3 >> 16);

    /// <summary>The canonical value, below p.</summary>
    public UInt256 ToUInt256()
    {
        FieldSecp256k1 c = Canonical();
        return new(
            c._0 | (c._1 << 52),
            (c._1 >> 12) | (c._2 << 40),
            (c._2 >> 24) | (c._3 << 28),
            (c._3 >> 36) | (c._4 << 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FieldSecp256k1 operator +(in FieldSecp256k1 a, in FieldSecp256k1 b) =>
        new(a._0 + b._0, a._1 + b._1, a._2 + b._2, a._3 + b._3, a._4 + b._4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FieldSecp256k1 operator -(in FieldSecp256k1 a, in FieldSecp256k1 b) =>
        Carry(a._0 + (FourP0 - b._0), a._1 + (FourP - b._1), a._2 + (FourP - b._2), a._3 + (FourP - b._3), a._4 + (FourP4 - b._4));

    public static FieldSecp256k1 operator -(in FieldSecp256k1 a) => Zero - a;

    /// <summary>a·factor, tight, for a factor of at most 21.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FieldSecp256k1 operator *(in FieldSecp256k1 a, ulong factor) =>
        Carry(a._0 * factor, a._1 * factor, a._2 * factor, a._3 * factor, a._4 * factor);

    /// <summary>The same number, tight, after a sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FieldSecp256k1 Tight() => Carry(_0, _1, _2, _3, _4);

    /// <summary>All ones when this is zero modulo p, else zero.</summary>
    public ulong IsZeroMask() => ToUInt256().IsZeroMask();

    /// <summary>The lowest bit of the canonical value.</summary>
    public ulong IsOdd() => Canonical()._0 & 1;

    /// <summary><paramref name="a"/> when the mask is zero, <paramref name="b"/> when it is all ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FieldSecp256k1 Select(in FieldSecp256k1 a, in FieldSecp256k1 b, ulong mask) => new(
        a._0 ^ (mask & (a._0 ^ b._0)),
        a._1 ^ (mask & (a._1 ^ b._1)),
        a._2 ^ (mask & (a._2 ^ b._2)),
        a._3 ^ (mask & (a._3 ^ b._3)),
        a._4 ^ (mask & (a._4 ^ b._4)));

    /// <summary>One pass of carries, all limbs at once: from limbs below 2^59 and a top one below 2^54 to tight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FieldSecp256k1 Carry(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4) => new(
        (l0 & Mask) + (Fold * (l4 >> 48)),
        (l1 & Mask) + (l0 >> 52),
        (l2 & Mask) + (l1 >> 52),
        (l3 & Mask) + (l2 >> 52),
        (l4 & TopMask) + (l3 >> 52));

    private FieldSecp256k1 Canonical()
    {
        FieldSecp256k1 t = Carry(_0, _1, _2, _3, _4);

        // t < 2^256 + 2^213, so below 2p: t ≥ p exactly when t + Fold reaches 2^256, and the quotient is 0 or 1.
        ulong q = (t._0 + Fold) >> 52;
        q = (t._1 + q) >> 52;
        q = (t._2 + q) >> 52;
        q = (t._3 + q) >> 52;
        q = (t._4 + q) >> 48;

        // t − qp = t + q·Fold − q·2^256: carry through and drop the top.
        ulong l0 = t._0 + (Fold * q);
        ulong l1 = t._1 + (l0 >> 52);
        ulong l2 = t._2 + (l1 >> 52);
        ulong l3 = t._3 + (l2 >> 52);
        ulong l4 = t._4 + (l3 >> 52);
        return new(l0 & Mask, l1 & Mask, l2 & Mask, l3 & Mask, l4 & TopMask);
    }
}
