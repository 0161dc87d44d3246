using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Libp2p.Crypto.Portable;

/// <summary>64 by 64 to 128 bit arithmetic without branches, in the shapes that the JIT turns into few instructions.</summary>
internal static class WideMath
{
    /// <summary>The upper half of a product. <c>Math.BigMul</c> returns both halves, and on x64 the lower one through memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong MultiplyHigh(ulong a, ulong b)
    {
        if (Bmi2.X64.IsSupported)
        {
            return Bmi2.X64.MultiplyNoFlags(a, b);
        }

        return ArmBase.Arm64.IsSupported ? ArmBase.Arm64.MultiplyHigh(a, b) : Math.BigMul(a, b, out _);
    }

    /// <summary>(high, low) += a · b, which the caller knows to fit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAdd(ref ulong high, ref ulong low, ulong a, ulong b)
    {
        ulong product = a * b;
        low += product;
        high += MultiplyHigh(a, b) + Carry(low, product);
    }

    /// <summary>(high, low) += value, which the caller knows to fit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(ref ulong high, ref ulong low, ulong value)
    {
        low += value;
        high += Carry(low, value);
    }

    /// <summary>The carry of the sum of which <paramref name="addend"/> was one term: 0 or 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Carry(ulong sum, ulong addend) => IsBelow(sum, addend);

    /// <summary>a − b − borrow, and the borrow that leaves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong SubtractBorrow(ulong a, ulong b, ref ulong borrow)
    {
        ulong difference = a - b;
        ulong result = difference - borrow;
        borrow = IsBelow(a, b) | IsBelow(difference, borrow);
        return result;
    }

    /// <summary>a + b + carry, and the carry that leaves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong AddCarry(ulong a, ulong b, ref ulong carry)
    {
        ulong sum = a + b;
        ulong result = sum + carry;
        carry = Carry(sum, b) | Carry(result, carry);
        return result;
    }

    /// <summary>All ones when <paramref name="value"/> is zero, else zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong MaskIfZero(ulong value) => (ulong)((long)(~value & (value - 1)) >> 63);

    /// <summary>1 when a is below b, else 0: the comparison's own result, as a conditional is a branch in code not yet optimized.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong IsBelow(ulong a, ulong b) => Unsafe.BitCast<bool, byte>(a < b);
}
