using System.Runtime.CompilerServices;

namespace Libp2p.Crypto.Portable;

/// <content>Products. Each limb product is split at bit 54 (a loose limb's width) into halves that add up without carry flags.</content>
internal readonly partial struct FieldSecp256k1
{
    private const ulong LowMask = (1UL << 54) - 1;

    /// <summary>2^260 modulo p: what a limb that stands five places too high is worth.</summary>
    private const ulong LimbFold = Fold << 4;

    [SkipLocalsInit]
    public static FieldSecp256k1 operator *(in FieldSecp256k1 a, in FieldSecp256k1 b)
    {
        ulong a0 = a._0, a1 = a._1, a2 = a._2, a3 = a._3, a4 = a._4;
        ulong b0 = b._0, b1 = b._1, b2 = b._2, b3 = b._3, b4 = b._4;

        // The upper columns first, as limbs that are folded into the lower ones.
        ulong high = 0, low = 0;
        Accumulate(ref high, ref low, a1, b4);
        Accumulate(ref high, ref low, a2, b3);
        Accumulate(ref high, ref low, a3, b2);
        Accumulate(ref high, ref low, a4, b1);
        ulong u0 = NextLimb(ref high, ref low);

        Accumulate(ref high, ref low, a2, b4);
        Accumulate(ref high, ref low, a3, b3);
        Accumulate(ref high, ref low, a4, b2);
        ulong u1 = NextLimb(ref high, ref low);

        Accumulate(ref high, ref low, a3, b4);
        Accumulate(ref high, ref low, a4, b3);
        ulong u2 = NextLimb(ref high, ref low);

        Accumulate(ref high, ref low, a4, b4);
        ulong u3 = NextLimb(ref high, ref low);
        ulong u4 = low;

        low = 0;
        Accumulate(ref high, ref low, a0, b0);
        Accumulate(ref high, ref low, LimbFold, u0);
        ulong r0 = NextLimb(ref high, ref low);

        Accumulate(ref high, ref low, a0, b1);
        Accumulate(ref high, ref low, a1, b0);
        Accumulate(ref high, ref low, LimbFold, u1);
        ulong r1 = NextLimb(ref high, ref low);

        Accumulate(ref high, ref low, a0, b2);
        Accumulate(ref high, ref low, a1, b1);
        Accumulate(ref high, ref low, a2, b0);
        Accumulate(ref high, ref low, LimbFold, u2);
        ulong r2 = NextLimb(ref high, ref low);

        Accumulate(ref high, ref low, a0, b3);
        Accumulate(ref high, ref low, a1, b2);
        Accumulate(ref high, ref low, a2, b1);
        Accumulate(ref high, ref low, a3, b0);
        Accumulate(ref high, ref low, LimbFold, u3);
        ulong r3 = NextLimb(ref high, ref low);

        Accumulate(ref high, ref low, a0, b4);
        Accumulate(ref high, ref low, a1, b3);
        Accumulate(ref high, ref low, a2, b2);
        Accumulate(ref high, ref low, a3, b1);
        Accumulate(ref high, ref low, a4, b0);
        Accumulate(ref high, ref low, LimbFold, u4);
        return Finish(r0, r1, r2, r3, high, low);
    }

    [SkipLocalsInit]
    public FieldSecp256k1 Square()
    {
        ulong a0 = _0, a1 = _1, a2 = _2, a3 = _3, a4 = _4;
        ulong d0 = 2 * a0, d1 = 2 * a1, d2 = 2 * a2, d3 = 2 * a3;

        ulong high = 0, low = 0;
        Accumulate(ref high, ref low, a4, d1);
        Accumulate(ref high, ref low, a3, d2);
        ulong u0 = NextLimb(ref high, ref low);

        Accumulate(ref high, ref low, a4, d2);
        Accumulate(ref high, ref low, a3, a3);
        ulong u1 = NextLimb(ref high, ref low);

        Accumulate(ref high, ref low, a4, d3);
        ulong u2 = NextLimb(ref high, ref low);

        Accumulate(ref high, ref low, a4, a4);
        ulong u3 = NextLimb(ref high, ref low);
        ulong u4 = low;

        low = 0;
        Accumulate(ref high, ref low, a0, a0);
        Accumulate(ref high, ref low, LimbFold, u0);
        ulong r0 = NextLimb(ref high, ref low);

        Accumulate(ref high, ref low, a1, d0);
        Accumulate(ref high, ref low, LimbFold, u1);
        ulong r1 = NextLimb(ref high, ref low);

        Accumulate(ref high, ref low, a2, d0);
        Accumulate(ref high, ref low, a1, a1);
        Accumulate(ref high, ref low, LimbFold, u2);
        ulong r2 = NextLimb(ref high, ref low);

        Accumulate(ref high, ref low, a3, d0);
        Accumulate(ref high, ref low, a2, d1);
        Accumulate(ref high, ref low, LimbFold, u3);
        ulong r3 = NextLimb(ref high, ref low);

        Accumulate(ref high, ref low, a4, d0);
        Accumulate(ref high, ref low, a3, d1);
        Accumulate(ref high, ref low, a2, a2);
        Accumulate(ref high, ref low, LimbFold, u4);
        return Finish(r0, r1, r2, r3, high, low);
    }

    /// <summary>2^54 · high + low += a · b, for a below 2^54. Up to six products and what is carried keep both sums below 2^63.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(ref ulong high, ref ulong low, ulong a, ulong b)
    {
        high += WideMath.MultiplyHigh(a << 10, b);
        low += (a * b) & LowMask;
    }

    /// <summary>Takes the lowest 52 bits off; the rest starts the next limb.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong NextLimb(ref ulong high, ref ulong low)
    {
        ulong limb = low & Mask;
        low = (high << 2) + (low >> 52);
        high = 0;
        return limb;
    }

    /// <summary>
    /// Ends with the top limb: what exceeds 2^256 (below 2^63 in units of it) returns at the bottom, and the result is tight.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FieldSecp256k1 Finish(ulong r0, ulong r1, ulong r2, ulong r3, ulong high, ulong low)
    {
        ulong r4 = low & TopMask;
        ulong above = (high << 6) + (low >> 48);
        high = 0;
        low = r0;
        Accumulate(ref high, ref low, Fold, above);
        r0 = NextLimb(ref high, ref low);
        r1 += low;
        return new(r0, r1 & Mask, r2 + (r1 >> 52), r3, r4);
    }
}
