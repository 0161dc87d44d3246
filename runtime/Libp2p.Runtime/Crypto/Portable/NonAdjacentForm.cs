namespace Libp2p.Crypto.Portable;

/// <summary>Scalars as few signed odd digits. Variable in time: for public scalars only.</summary>
internal static class NonAdjacentForm
{
    /// <summary>Digits for a scalar of 256 bits: the last one takes a final carry.</summary>
    public const int Digits = 257;

    /// <summary>
    /// Writes digits d, lowest first, so that Σ d_i·2^i is the scalar; each is zero or odd with |d| below 2^(width−1), and of any
    /// <paramref name="width"/> neighbours at most one is not zero.
    /// </summary>
    public static void Recode(ReadOnlySpan<byte> littleEndianScalar, int width, Span<sbyte> digits)
    {
        digits.Clear();
        int carry = 0;
        for (int i = 0; i < Digits;)
        {
            int bit = Bit(littleEndianScalar, i);
            if (bit == carry)
            {
                i++;
                continue;
            }

            // The remaining scalar is odd here: take the window's value, signed, and pass on what was borrowed.
            int window = carry;
            for (int j = 0; j < width; j++)
            {
                window += Bit(littleEndianScalar, i + j) << j;
            }

            carry = window >> (width - 1);
            digits[i] = (sbyte)(window - (carry << width));
            i += width;
        }
    }

    private static int Bit(ReadOnlySpan<byte> scalar, int i) => i < 8 * scalar.Length ? (scalar[i >> 3] >> (i & 7)) & 1 : 0;
}
