namespace Libp2p.Crypto.Portable;

/// <summary>a·G + b·Q in variable time: for verification, where every input is public.</summary>
internal static class VerificationSecp256k1
{
    private const int BaseWidth = 8;
    private const int PointWidth = 5;

    /// <summary>G, 3G, 5G … 127G.</summary>
    private static readonly AffinePointSecp256k1[] s_oddBase = BuildOddBase();

    public static PointSecp256k1 Multiply(in UInt256 a, in UInt256 b, in AffinePointSecp256k1 point)
    {
        Span<sbyte> aDigits = stackalloc sbyte[NonAdjacentForm.Digits];
        Span<sbyte> bDigits = stackalloc sbyte[NonAdjacentForm.Digits];
        Span<byte> bytes = stackalloc byte[32];
        a.WriteLittleEndian(bytes);
        NonAdjacentForm.Recode(bytes, BaseWidth, aDigits);
        b.WriteLittleEndian(bytes);
        NonAdjacentForm.Recode(bytes, PointWidth, bDigits);
        Span<PointSecp256k1> odd = stackalloc PointSecp256k1[1 << (PointWidth - 2)];
        FillOdd(PointSecp256k1.From(in point), odd);

        PointSecp256k1 sum = PointSecp256k1.Neutral;
        for (int i = NonAdjacentForm.Digits - 1; i >= 0; i--)
        {
            PointSecp256k1 before = sum;
            before.Double(out sum);

            int digit = aDigits[i];
            if (digit != 0)
            {
                AffinePointSecp256k1 term = s_oddBase[Math.Abs(digit) >> 1];
                term.Y = digit < 0 ? -term.Y : term.Y;
                before = sum;
                before.Add(in term, out sum);
            }

            digit = bDigits[i];
            if (digit != 0)
            {
                PointSecp256k1 term = odd[Math.Abs(digit) >> 1];
                term.Y = digit < 0 ? -term.Y : term.Y;
                before = sum;
                before.Add(in term, out sum);
            }
        }

        return sum;
    }

    private static void FillOdd(in PointSecp256k1 point, Span<PointSecp256k1> odd)
    {
        point.Double(out PointSecp256k1 twice);
        odd[0] = point;
        for (int i = 1; i < odd.Length; i++)
        {
            odd[i - 1].Add(in twice, out odd[i]);
        }
    }

    private static AffinePointSecp256k1[] BuildOddBase()
    {
        PointSecp256k1[] odd = new PointSecp256k1[1 << (BaseWidth - 2)];
        FillOdd(PointSecp256k1.From(BaseSecp256k1.Point), odd);
        return PointSecp256k1.ToAffine(odd);
    }
}
