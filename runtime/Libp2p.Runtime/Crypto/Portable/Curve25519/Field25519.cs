using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Libp2p.Crypto.Portable;

/// <summary>
/// An integer modulo p = 2^255 − 19 in five limbs of 51 bits. Nothing here branches on a value or indexes by one.
/// </summary>
/// <remarks>
/// Limbs may exceed 51 bits. <em>Tight</em> is below 2^51 + 2^13: what multiplication and subtraction give. <em>Loose</em> is below 2^53:
/// a sum of up to three tight ones, which every operation accepts. Addition does not carry; so never add more than three.
/// </remarks>
internal readonly partial struct Field25519
{
    private const ulong Mask = (1UL << 51) - 1;

    // 4p, limb by limb: larger than any loose limb, so subtraction stays positive.
    private const ulong FourP0 = (1UL << 53) - 76;
    private const ulong FourP = (1UL << 53) - 4;

    private readonly ulong _0;
    private readonly ulong _1;
    private readonly ulong _2;
    private readonly ulong _3;
    private readonly ulong _4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Field25519(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4)
    {
        _0 = l0;
        _1 = l1;
        _2 = l2;
        _3 = l3;
        _4 = l4;
    }

    public static Field25519 Zero => default;

    public static Field25519 One => new(1, 0, 0, 0, 0);

    /// <summary>A number below 2^51.</summary>
    public static Field25519 FromSmall(ulong value) => new(value, 0, 0, 0, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Field25519 operator +(in Field25519 a, in Field25519 b) =>
        new(a._0 + b._0, a._1 + b._1, a._2 + b._2, a._3 + b._3, a._4 + b._4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Field25519 operator -(in Field25519 a, in Field25519 b) =>
        Carry(a._0 + (FourP0 - b._0), a._1 + (FourP - b._1), a._2 + (FourP - b._2), a._3 + (FourP - b._3), a._4 + (FourP - b._4));

    public static Field25519 operator -(in Field25519 a) => Zero - a;

    /// <summary>2·this, without a carry: counts as two terms.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Field25519 Double() => this + this;

    /// <summary>Reads 32 little-endian bytes; the top bit is ignored and a value of p or more is accepted (RFC 7748 §5).</summary>
    public static Field25519 Read(ReadOnlySpan<byte> bytes)
    {
        ulong w0 = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        ulong w1 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        ulong w2 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);
        ulong w3 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]);
        return new(
            w0 & Mask,
            ((w0 >> 51) | (w1 << 13)) & Mask,
            ((w1 >> 38) | (w2 << 26)) & Mask,
            ((w2 >> 25) | (w3 << 39)) & Mask,
            (w3 >> 12) & Mask);
    }

    /// <summary>Writes the one canonical encoding, 32 bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        Field25519 c = Canonical();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, c._0 | (c._1 << 51));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], (c._1 >> 13) | (c._2 << 38));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], (c._2 >> 26) | (c._3 << 25));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], (c._3 >> 39) | (c._4 << 12));
    }

    /// <summary>All ones when this is zero modulo p, else zero.</summary>
    public ulong IsZeroMask()
    {
        Field25519 c = Canonical();
        return WideMath.MaskIfZero(c._0 | c._1 | c._2 | c._3 | c._4);
    }

    /// <summary>The lowest bit of the canonical value: the "sign" of RFC 8032.</summary>
    public ulong SignBit() => Canonical()._0 & 1;

    /// <summary><paramref name="a"/> when the mask is zero, <paramref name="b"/> when it is all ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Field25519 Select(in Field25519 a, in Field25519 b, ulong mask) => new(
        a._0 ^ (mask & (a._0 ^ b._0)),
        a._1 ^ (mask & (a._1 ^ b._1)),
        a._2 ^ (mask & (a._2 ^ b._2)),
        a._3 ^ (mask & (a._3 ^ b._3)),
        a._4 ^ (mask & (a._4 ^ b._4)));

    /// <summary>Swaps when the mask is all ones, does nothing when it is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Swap(ref Field25519 a, ref Field25519 b, ulong mask)
    {
        ulong d0 = mask & (a._0 ^ b._0);
        ulong d1 = mask & (a._1 ^ b._1);
        ulong d2 = mask & (a._2 ^ b._2);
        ulong d3 = mask & (a._3 ^ b._3);
        ulong d4 = mask & (a._4 ^ b._4);
        a = new(a._0 ^ d0, a._1 ^ d1, a._2 ^ d2, a._3 ^ d3, a._4 ^ d4);
        b = new(b._0 ^ d0, b._1 ^ d1, b._2 ^ d2, b._3 ^ d3, b._4 ^ d4);
    }

    /// <summary>One pass of carries, all limbs at once: from below 2^62 to tight, as what leaves a limb is below 2^11 then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Field25519 Carry(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4) => new(
        (l0 & Mask) + (19 * (l4 >> 51)),
        (l1 & Mask) + (l0 >> 51),
        (l2 & Mask) + (l1 >> 51),
        (l3 & Mask) + (l2 >> 51),
        (l4 & Mask) + (l3 >> 51));

    private Field25519 Canonical()
    {
        Field25519 t = Carry(_0, _1, _2, _3, _4);

        // t < 2^255 + 2^208, so below 2p: t ≥ p exactly when t + 19 reaches 2^255, and the quotient is 0 or 1.
        ulong q = (t._0 + 19) >> 51;
        q = (t._1 + q) >> 51;
        q = (t._2 + q) >> 51;
        q = (t._3 + q) >> 51;
        q = (t._4 + q) >> 51;

        // t − qp = t + 19q − q·2^255: carry through and drop the top.
        ulong l0 = t._0 + (19 * q);
        ulong l1 = t._1 + (l0 >> 51);
        ulong l2 = t._2 + (l1 >> 51);
        ulong l3 = t._3 + (l2 >> 51);
        ulong l4 = t._4 + (l3 >> 51);
        return new(l0 & Mask, l1 & Mask, l2 & Mask, l3 & Mask, l4 & Mask);
    }
}
