using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Libp2p.Crypto.Portable;

/// <summary>Multiples of secp256k1's base point for secret scalars, by a table that is computed at first use and never changes.</summary>
internal static class BaseSecp256k1
{
    private const int Rows = 32;
    private const int Columns = 8;

    /// <summary>Row i holds 1 … 8 times 256^i·G: what a signed radix-16 digit can ask for.</summary>
    private static readonly AffinePointSecp256k1[] s_table = BuildTable();

    /// <summary>G.</summary>
    public static AffinePointSecp256k1 Point => new()
    {
        X = FieldSecp256k1.From(new UInt256(0x59F2815B16F81798, 0x029BFCDB2DCE28D9, 0x55A06295CE870B07, 0x79BE667EF9DCBBAC)),
        Y = FieldSecp256k1.From(new UInt256(0x9C47D08FFB10D4B8, 0xFD17B448A6855419, 0x5DA4FBFC0E1108A8, 0x483ADA7726A3C465)),
    };

    /// <summary>scalar · G in constant time, for a scalar in 1 … n − 1.</summary>
    [SkipLocalsInit]
    public static PointSecp256k1 Multiply(in UInt256 scalar)
    {
        // The digits take 255 bits: use −scalar when that is the smaller one, and turn the point around.
        UInt256 negated = Secp256k1.Order.Negate(in scalar);
        ulong flip = ~scalar.IsBelowMask(in negated);
        UInt256 smaller = UInt256.Select(in scalar, in negated, flip);
        Span<byte> bytes = stackalloc byte[32];
        smaller.WriteLittleEndian(bytes);
        Span<sbyte> digits = stackalloc sbyte[SignedDigits.Count];
        SignedDigits.Recode(bytes, digits);

        PointSecp256k1 sum = PointSecp256k1.Neutral;
        for (int i = 1; i < SignedDigits.Count; i += 2)
        {
            AddDigit(ref sum, i >> 1, digits[i]);
        }

        for (int i = 0; i < 4; i++)
        {
            PointSecp256k1 half = sum;
            half.Double(out sum);
        }

        for (int i = 0; i < SignedDigits.Count; i += 2)
        {
            AddDigit(ref sum, i >> 1, digits[i]);
        }

        sum.Y = FieldSecp256k1.Select(sum.Y, -sum.Y, flip);
        Secret.Wipe(ref smaller);
        Secret.Wipe(ref negated);
        Secret.Wipe(bytes);
        Secret.Wipe(digits);
        return sum;
    }

    private static void AddDigit(ref PointSecp256k1 sum, int row, sbyte digit)
    {
        Select(row, digit, out AffinePointSecp256k1 term);
        PointSecp256k1 before = sum;
        before.Add(in term, out sum);

        // A zero digit adds nothing; the sum just computed is of nonsense then, and is dropped.
        ulong isZero = WideMath.MaskIfZero((ulong)(byte)digit);
        sum.X = FieldSecp256k1.Select(sum.X, before.X, isZero);
        sum.Y = FieldSecp256k1.Select(sum.Y, before.Y, isZero);
        sum.Z = FieldSecp256k1.Select(sum.Z, before.Z, isZero);
    }

    /// <summary>digit · 256^row · G. Reads the whole row, so that the digit leaves no trace in the cache.</summary>
    [SkipLocalsInit]
    private static void Select(int row, sbyte digit, out AffinePointSecp256k1 result)
    {
        ulong magnitude = SignedDigits.Magnitude(digit, out ulong negative);
        result = default;
        ref Vector256<ulong> sum = ref Unsafe.As<AffinePointSecp256k1, Vector256<ulong>>(ref result);
        ref Vector256<ulong> entry = ref Unsafe.As<AffinePointSecp256k1, Vector256<ulong>>(ref s_table[row * Columns]);

        Vector256<ulong> wanted = Vector256.Create(magnitude);
        Vector256<ulong> s0 = default, s1 = default, s2 = default;
        for (ulong column = 1; column <= Columns; column++)
        {
            Vector256<ulong> mask = Vector256.Equals(wanted, Vector256.Create(column));
            s0 |= mask & entry;
            s1 |= mask & Unsafe.Add(ref entry, 1);
            s2 |= mask & Unsafe.Add(ref entry, 2);
            entry = ref Unsafe.Add(ref entry, 3);
        }

        sum = s0;
        Unsafe.Add(ref sum, 1) = s1;
        Unsafe.Add(ref sum, 2) = s2;
        result.Y = FieldSecp256k1.Select(result.Y, -result.Y, negative);
    }

    private static AffinePointSecp256k1[] BuildTable()
    {
        PointSecp256k1[] multiples = new PointSecp256k1[Rows * Columns];
        PointSecp256k1 power = PointSecp256k1.From(Point);
        for (int row = 0; row < Rows; row++)
        {
            Span<PointSecp256k1> columns = multiples.AsSpan(row * Columns, Columns);
            columns[0] = power;
            for (int column = 1; column < Columns; column++)
            {
                columns[column - 1].Add(in columns[0], out columns[column]);
            }

            // 8 · 256^row is at hand; five doublings more make 256^(row + 1).
            power = columns[Columns - 1];
            for (int i = 0; i < 5; i++)
            {
                PointSecp256k1 half = power;
                half.Double(out power);
            }
        }

        return PointSecp256k1.ToAffine(multiples);
    }
}
