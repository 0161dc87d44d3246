using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Libp2p.Crypto.Portable;

/// <summary>Multiples of edwards25519's base point, by a table that is computed at first use and never changes.</summary>
internal static class EdwardsBase
{
    private const int Rows = 32;
    private const int Columns = 8;

    /// <summary>Row i holds 1 … 8 times 256^i·B: what a signed radix-16 digit can ask for.</summary>
    private static readonly AffineEdwardsPoint[] s_table = BuildTable();

    /// <summary>The base point: y = 4/5, x even.</summary>
    public static EdwardsPoint Point
    {
        get
        {
            Span<byte> encoded = stackalloc byte[32];
            (Field25519.FromSmall(4) * Field25519.FromSmall(5).Invert()).Write(encoded);
            _ = EdwardsPoint.TryRead(encoded, out EdwardsPoint point);
            return point;
        }
    }

    /// <summary>scalar · B in constant time, for a scalar of 32 little-endian bytes below 2^255; it need not be reduced.</summary>
    [SkipLocalsInit]
    public static EdwardsPoint Multiply(ReadOnlySpan<byte> scalar)
    {
        Span<sbyte> digits = stackalloc sbyte[SignedDigits.Count];
        SignedDigits.Recode(scalar, digits);

        EdwardsPoint sum = EdwardsPoint.Identity;
        for (int i = 1; i < SignedDigits.Count; i += 2)
        {
            AddDigit(ref sum, i >> 1, digits[i]);
        }

        for (int i = 0; i < 4; i++)
        {
            EdwardsPoint half = sum;
            half.Double(out sum, withT: i == 3);
        }

        for (int i = 0; i < SignedDigits.Count; i += 2)
        {
            AddDigit(ref sum, i >> 1, digits[i]);
        }

        Secret.Wipe(digits);
        return sum;
    }

    private static void AddDigit(ref EdwardsPoint sum, int row, sbyte digit)
    {
        EdwardsPoint before = sum;
        Select(row, digit, out AffineEdwardsPoint term);
        before.Add(in term, out sum);
    }

    /// <summary>digit · 256^row · B. Reads the whole row, so that the digit leaves no trace in the cache.</summary>
    [SkipLocalsInit]
    private static void Select(int row, sbyte digit, out AffineEdwardsPoint result)
    {
        ulong magnitude = SignedDigits.Magnitude(digit, out ulong negative);

        result = default;
        result.YPlusX = Field25519.One;
        result.YMinusX = Field25519.One;
        ref Vector256<ulong> sum = ref Unsafe.As<AffineEdwardsPoint, Vector256<ulong>>(ref result);
        ref Vector256<ulong> entry = ref Unsafe.As<AffineEdwardsPoint, Vector256<ulong>>(ref s_table[row * Columns]);

        Vector256<ulong> wanted = Vector256.Create(magnitude);
        Vector256<ulong> s0 = sum, s1 = Unsafe.Add(ref sum, 1), s2 = Unsafe.Add(ref sum, 2), s3 = Unsafe.Add(ref sum, 3);
        for (ulong column = 1; column <= Columns; column++)
        {
            Vector256<ulong> mask = Vector256.Equals(wanted, Vector256.Create(column));
            s0 = Vector256.ConditionalSelect(mask, entry, s0);
            s1 = Vector256.ConditionalSelect(mask, Unsafe.Add(ref entry, 1), s1);
            s2 = Vector256.ConditionalSelect(mask, Unsafe.Add(ref entry, 2), s2);
            s3 = Vector256.ConditionalSelect(mask, Unsafe.Add(ref entry, 3), s3);
            entry = ref Unsafe.Add(ref entry, 4);
        }

        sum = s0;
        Unsafe.Add(ref sum, 1) = s1;
        Unsafe.Add(ref sum, 2) = s2;
        Unsafe.Add(ref sum, 3) = s3;

        Field25519.Swap(ref result.YPlusX, ref result.YMinusX, negative);
        result.XY2D = Field25519.Select(result.XY2D, -result.XY2D, negative);
    }

    private static AffineEdwardsPoint[] BuildTable()
    {
        EdwardsPoint[] multiples = new EdwardsPoint[Rows * Columns];
        EdwardsPoint power = Point;
        for (int row = 0; row < Rows; row++)
        {
            CachedEdwardsPoint step = new(in power);
            Span<EdwardsPoint> columns = multiples.AsSpan(row * Columns, Columns);
            columns[0] = power;
            for (int column = 1; column < Columns; column++)
            {
                columns[column - 1].Add(in step, out columns[column]);
            }

            // 8 · 256^row is at hand; five doublings more make 256^(row + 1).
            power = columns[Columns - 1];
            for (int i = 0; i < 5; i++)
            {
                EdwardsPoint half = power;
                half.Double(out power, withT: true);
            }
        }

        return AffineEdwardsPoint.FromAll(multiples);
    }
}
