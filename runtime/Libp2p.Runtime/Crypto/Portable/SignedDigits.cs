namespace Libp2p.Crypto.Portable;

/// <summary>
/// Secret scalars as signed digits of radix 16, all of them, in constant time: what tables of fixed multiples are asked with.
/// </summary>
internal static class SignedDigits
{
    public const int Count = 64;

    /// <summary>The 32-byte little-endian scalar, below 2^255, as 64 digits in −8 … 7 (the last in 0 … 8), lowest first.</summary>
    public static void Recode(ReadOnlySpan<byte> scalar, Span<sbyte> digits)
    {
        int carry = 0;
        for (int i = 0; i < Count; i++)
        {
            int digit = ((scalar[i >> 1] >> (4 * (i & 1))) & 15) + carry;
            carry = i == Count - 1 ? 0 : (digit + 8) >> 4;
            digits[i] = (sbyte)(digit - (carry << 4));
        }
    }

    /// <summary>|digit|, and all ones when it is negative.</summary>
    public static ulong Magnitude(sbyte digit, out ulong negative)
    {
        long sign = (long)digit >> 7;
        negative = (ulong)sign;
        return (ulong)((digit ^ sign) - sign);
    }
}
