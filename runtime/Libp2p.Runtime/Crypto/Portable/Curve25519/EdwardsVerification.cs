namespace Libp2p.Crypto.Portable;

/// <summary>a·A + b·B in variable time: for verification, where every input is public.</summary>
internal static class EdwardsVerification
{
    private const int BaseWidth = 8;
    private const int PointWidth = 5;

    /// <summary>B, 3B, 5B … 127B.</summary>
    private static readonly AffineEdwardsPoint[] s_oddBase = BuildOddBase();

    /// <param name="a">32 little-endian bytes.</param>
    /// <param name="point">A.</param>
    /// <param name="b">32 little-endian bytes.</param>
    public static EdwardsPoint Multiply(ReadOnlySpan<byte> a, in EdwardsPoint point, ReadOnlySpan<byte> b)
    {
        Span<sbyte> aDigits = stackalloc sbyte[NonAdjacentForm.Digits];
        Span<sbyte> bDigits = stackalloc sbyte[NonAdjacentForm.Digits];
        NonAdjacentForm.Recode(a, PointWidth, aDigits);
        NonAdjacentForm.Recode(b, BaseWidth, bDigits);
        Span<CachedEdwardsPoint> odd = stackalloc CachedEdwardsPoint[1 << (PointWidth - 2)];
        FillOdd(in point, odd);

        EdwardsPoint sum = EdwardsPoint.Identity;
        for (int i = NonAdjacentForm.Digits - 1; i >= 0; i--)
        {
            int aDigit = aDigits[i];
            int bDigit = bDigits[i];
            EdwardsPoint before = sum;
            before.Double(out sum, withT: (aDigit | bDigit) != 0);

            if (aDigit != 0)
            {
                before = sum;
                ref readonly CachedEdwardsPoint term = ref odd[Math.Abs(aDigit) >> 1];
                if (aDigit > 0)
                {
                    before.Add(in term, out sum);
                }
                else
                {
                    before.Subtract(in term, out sum);
                }
            }

            if (bDigit != 0)
            {
                before = sum;
                ref readonly AffineEdwardsPoint term = ref s_oddBase[Math.Abs(bDigit) >> 1];
                if (bDigit > 0)
                {
                    before.Add(in term, out sum);
                }
                else
                {
                    before.Subtract(in term, out sum);
                }
            }
        }

        return sum;
    }

    private static void FillOdd(in EdwardsPoint point, Span<CachedEdwardsPoint> odd)
    {
        point.Double(out EdwardsPoint twice, withT: true);
        CachedEdwardsPoint step = new(in twice);
        EdwardsPoint multiple = point;
        for (int i = 0; i < odd.Length; i++)
        {
            odd[i] = new CachedEdwardsPoint(in multiple);
            EdwardsPoint previous = multiple;
            previous.Add(in step, out multiple);
        }
    }

    private static AffineEdwardsPoint[] BuildOddBase()
    {
        EdwardsPoint[] odd = new EdwardsPoint[1 << (BaseWidth - 2)];
        odd[0] = EdwardsBase.Point;
        odd[0].Double(out EdwardsPoint twice, withT: true);
        CachedEdwardsPoint step = new(in twice);
        for (int i = 1; i < odd.Length; i++)
        {
            odd[i - 1].Add(in step, out odd[i]);
        }

        return AffineEdwardsPoint.FromAll(odd);
    }
}
