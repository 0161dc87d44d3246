using System.Runtime.CompilerServices;

namespace Libp2p.Crypto.Portable;

/// <summary>
/// Arithmetic modulo an odd number m of 253 to 256 bits (the orders of the groups) by Montgomery's method with R = 2^256, in constant time.
/// Immutable, made once per modulus.
/// </summary>
internal sealed class MontgomeryModulus
{
    private readonly UInt256 _modulus;
    private readonly ulong _negativeInverse; // −1/m modulo 2^64
    private readonly UInt256 _r;             // 2^256 mod m
    private readonly UInt256 _r2;            // 2^512 mod m

    public MontgomeryModulus(in UInt256 modulus)
    {
        _modulus = modulus;

        // Newton: each step doubles the correct bits of 1/m, starting from 5.
        ulong inverse = (3 * modulus.W0) ^ 2;
        for (int i = 0; i < 4; i++)
        {
            inverse *= 2 - (modulus.W0 * inverse);
        }

        _negativeInverse = 0 - inverse;

        UInt256 power = UInt256.FromSmall(1);
        for (int bit = 0; bit < 512; bit++)
        {
            power = Add(power, power);
            if (bit == 255)
            {
                _r = power;
            }
        }

        _r2 = power;
    }

    public UInt256 Modulus => _modulus;

    /// <summary>a + b for reduced a and b.</summary>
    public UInt256 Add(in UInt256 a, in UInt256 b)
    {
        UInt256 sum = UInt256.Add(in a, in b, out ulong carry);
        return SubtractModulusOnce(in sum, carry);
    }

    /// <summary>−a for a reduced a.</summary>
    public UInt256 Negate(in UInt256 a)
    {
        UInt256 difference = UInt256.Subtract(in _modulus, in a, out _);
        return UInt256.Select(in difference, default, a.IsZeroMask());
    }

    /// <summary>a mod m, for any 256-bit a.</summary>
    public UInt256 Reduce(in UInt256 a) => MontgomeryMultiply(in a, in _r);

    /// <summary>(high·2^256 + low) mod m.</summary>
    public UInt256 Reduce(in UInt256 low, in UInt256 high) =>
        Add(MontgomeryMultiply(in low, in _r), MontgomeryMultiply(in high, in _r2));

    /// <summary>a·b mod m; one of them may be any 256-bit number, the other is reduced.</summary>
    public UInt256 Multiply(in UInt256 a, in UInt256 b) => MontgomeryMultiply(MontgomeryMultiply(in a, in b), in _r2);

    /// <summary>a^(m−2): the inverse modulo a prime m, zero for zero. The exponent is public, so its bits may steer.</summary>
    [SkipLocalsInit]
    public UInt256 Invert(in UInt256 a)
    {
        const int Window = 4;
        Span<UInt256> powers = stackalloc UInt256[1 << Window];
        powers[0] = _r;
        powers[1] = MontgomeryMultiply(in a, in _r2);
        for (int i = 2; i < powers.Length; i++)
        {
            powers[i] = MontgomeryMultiply(in powers[i - 1], in powers[1]);
        }

        UInt256 exponent = UInt256.Subtract(in _modulus, UInt256.FromSmall(2), out _);
        UInt256 power = _r;
        for (int shift = 256 - Window; shift >= 0; shift -= Window)
        {
            for (int i = 0; i < Window; i++)
            {
                power = MontgomeryMultiply(in power, in power);
            }

            power = MontgomeryMultiply(in power, in powers[exponent.Bits(shift, Window)]);
        }

        Secret.Wipe(powers);
        return MontgomeryMultiply(in power, UInt256.FromSmall(1));
    }

    /// <summary>a·b / 2^256 mod m, reduced, when a·b is below 2^256·m.</summary>
    [SkipLocalsInit]
    private UInt256 MontgomeryMultiply(in UInt256 a, in UInt256 b)
    {
        ulong t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0;
        Step(a.W0, in b, ref t0, ref t1, ref t2, ref t3, ref t4);
        Step(a.W1, in b, ref t0, ref t1, ref t2, ref t3, ref t4);
        Step(a.W2, in b, ref t0, ref t1, ref t2, ref t3, ref t4);
        Step(a.W3, in b, ref t0, ref t1, ref t2, ref t3, ref t4);
        return SubtractModulusOnce(new UInt256(t0, t1, t2, t3), t4);
    }

    /// <summary>t = (t + a·b + q·m) / 2^64, with q so chosen that the division is exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Step(ulong a, in UInt256 b, ref ulong t0, ref ulong t1, ref ulong t2, ref ulong t3, ref ulong t4)
    {
        ulong carry = 0;
        t0 = MultiplyAddCarry(a, b.W0, t0, ref carry);
        t1 = MultiplyAddCarry(a, b.W1, t1, ref carry);
        t2 = MultiplyAddCarry(a, b.W2, t2, ref carry);
        t3 = MultiplyAddCarry(a, b.W3, t3, ref carry);
        t4 += carry;
        ulong t5 = WideMath.Carry(t4, carry);

        ulong q = t0 * _negativeInverse;
        carry = 0;
        _ = MultiplyAddCarry(q, _modulus.W0, t0, ref carry);
        t0 = MultiplyAddCarry(q, _modulus.W1, t1, ref carry);
        t1 = MultiplyAddCarry(q, _modulus.W2, t2, ref carry);
        t2 = MultiplyAddCarry(q, _modulus.W3, t3, ref carry);
        t3 = t4 + carry;
        t4 = t5 + WideMath.Carry(t3, carry);
    }

    /// <summary>a·b + c + carry, which always fits two words; the upper one becomes the carry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MultiplyAddCarry(ulong a, ulong b, ulong c, ref ulong carry)
    {
        ulong high = WideMath.MultiplyHigh(a, b);
        ulong low = a * b;
        WideMath.Add(ref high, ref low, c);
        WideMath.Add(ref high, ref low, carry);
        carry = high;
        return low;
    }

    /// <summary>Brings carry·2^256 + value from below 2m to below m.</summary>
    private UInt256 SubtractModulusOnce(in UInt256 value, ulong carry)
    {
        UInt256 reduced = UInt256.Subtract(in value, in _modulus, out ulong borrow);
        ulong keep = 0 - (borrow & (carry ^ 1));
        return UInt256.Select(in reduced, in value, keep);
    }
}
