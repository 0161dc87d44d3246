using System.Runtime.CompilerServices;

namespace Libp2p.Crypto.Portable;

/// <content>Products. Each limb product is split at bit 53 (a loose limb's width) into halves that add up without carry flags.</content>
internal readonly partial struct Field25519
{
    private const ulong LowMask = (1UL << 53) - 1;

    [SkipLocalsInit]
    public static Field25519 operator *(in Field25519 a, in Field25519 b)
    {
        ulong a0 = a._0, a1 = a._1, a2 = a._2, a3 = a._3, a4 = a._4;
        ulong b0 = b._0, b1 = b._1, b2 = b._2, b3 = b._3, b4 = b._4;

        // 2^255 = 19: a product that reaches limb 5 + i comes back to limb i, times 19.
        ulong w1 = 19 * b1, w2 = 19 * b2, w3 = 19 * b3, w4 = 19 * b4;

        ulong high = 0, low = 0;
        Accumulate(ref high, ref low, a0, b0);
        Accumulate(ref high, ref low, a1, w4);
        Accumulate(ref high, ref low, a2, w3);
        Accumulate(ref high, ref low, a3, w2);
        Accumulate(ref high, ref low, a4, w1);
        ulong r0 = NextLimb(ref high, ref low);

        Accumulate(ref high, ref low, a0, b1);
        Accumulate(ref high, ref low, a1, b0);
        Accumulate(ref high, ref low, a2, w4);
        Accumulate(ref high, ref low, a3, w3);
        Accumulate(ref high, ref low, a4, w2);
        ulong r1 = NextLimb(ref high, ref low);

        Accumulate(ref high, ref low, a0, b2);
        Accumulate(ref high, ref low, a1, b1);
        Accumulate(ref high, ref low, a2, b0);
        Accumulate(ref high, ref low, a3, w4);
        Accumulate(ref high, ref low, a4, w3);
        ulong r2 = NextLimb(ref high, ref low);

        Accumulate(ref high, ref low, a0, b3);
        Accumulate(ref high, ref low, a1, b2);
        Accumulate(ref high, ref low, a2, b1);
        Accumulate(ref high, ref low, a3, b0);
        Accumulate(ref high, ref low, a4, w4);
        ulong r3 = NextLimb(ref high, ref low);

        Accumulate(ref high, ref low, a0, b4);
        Accumulate(ref high, ref low, a1, b3);
        Accumulate(ref high, ref low, a2, b2);
        Accumulate(ref high, ref low, a3, b1);
        Accumulate(ref high, ref low, a4, b0);
        ulong r4 = NextLimb(ref high, ref low);

        return Finish(r0, r1, r2, r3, r4, low);
    }

    [SkipLocalsInit]
    public Field25519 Square()
    {
        ulong a0 = _0, a1 = _1, a2 = _2, a3 = _3, a4 = _4;
        ulong d0 = 2 * a0, d1 = 2 * a1;
        ulong w3 = 19 * a3, w4 = 19 * a4;
        ulong e3 = 2 * w3, e4 = 2 * w4;

        ulong high = 0, low = 0;
        Accumulate(ref high, ref low, a0, a0);
        Accumulate(ref high, ref low, a1, e4);
        Accumulate(ref high, ref low, a2, e3);
        ulong r0 = NextLimb(ref high, ref low);

        Accumulate(ref high, ref low, a1, d0);
        Accumulate(ref high, ref low, a2, e4);
        Accumulate(ref high, ref low, a3, w3);
        ulong r1 = NextLimb(ref high, ref low);

        Accumulate(ref high, ref low, a2, d0);
        Accumulate(ref high, ref low, a1, a1);
        Accumulate(ref high, ref low, a3, e4);
        ulong r2 = NextLimb(ref high, ref low);

        Accumulate(ref high, ref low, a3, d0);
        Accumulate(ref high, ref low, a2, d1);
        Accumulate(ref high, ref low, a4, w4);
        ulong r3 = NextLimb(ref high, ref low);

        Accumulate(ref high, ref low, a4, d0);
        Accumulate(ref high, ref low, a3, d1);
        Accumulate(ref high, ref low, a2, a2);
        ulong r4 = NextLimb(ref high, ref low);

        return Finish(r0, r1, r2, r3, r4, low);
    }

    /// <summary>This times 121666, the (A + 2) / 4 of curve25519.</summary>
    public Field25519 MultiplyBy121666()
    {
        const ulong Factor = 121666; // 17 bits
        ulong high = 0, low = 0;
        Accumulate(ref high, ref low, _0, Factor);
        ulong r0 = NextLimb(ref high, ref low);
        Accumulate(ref high, ref low, _1, Factor);
        ulong r1 = NextLimb(ref high, ref low);
        Accumulate(ref high, ref low, _2, Factor);
        ulong r2 = NextLimb(ref high, ref low);
        Accumulate(ref high, ref low, _3, Factor);
        ulong r3 = NextLimb(ref high, ref low);
        Accumulate(ref high, ref low, _4, Factor);
        ulong r4 = NextLimb(ref high, ref low);
        return Finish(r0, r1, r2, r3, r4, low);
    }

    /// <summary>
    /// 2^53 · high + low += a · b, for a below 2^53 and b below 2^59. Up to five products and what is carried keep both sums below 2^63.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(ref ulong high, ref ulong low, ulong a, ulong b)
    {
        high += WideMath.MultiplyHigh(a << 11, b);
        low += (a * b) & LowMask;
    }

    /// <summary>Takes the lowest 51 bits off; the rest starts the next limb.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong NextLimb(ref ulong high, ref ulong low)
    {
        ulong limb = low & Mask;
        low = (high << 2) + (low >> 51);
        high = 0;
        return limb;
    }

    /// <summary>Folds what left limb 4 (below 2^58, as no product there bears the 19) into limbs 0 and 1: tight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Field25519 Finish(ulong r0, ulong r1, ulong r2, ulong r3, ulong r4, ulong carry)
    {
        r0 += 19 * carry;
        return new(r0 & Mask, r1 + (r0 >> 51), r2, r3, r4);
    }
}
