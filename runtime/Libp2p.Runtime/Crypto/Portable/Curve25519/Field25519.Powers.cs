namespace Libp2p.Crypto.Portable;

/// <content>Inverses and square roots, by fixed chains of squarings and products.</content>
internal readonly partial struct Field25519
{
    /// <summary>The square root of −1 that is 2^((p−1)/4).</summary>
    private static readonly Field25519 s_sqrtMinusOne = SqrtMinusOne();

    /// <summary>1 / this, as this^(p−2); zero for zero.</summary>
    public Field25519 Invert()
    {
        Field25519 x250 = PowerOf2To250Minus1(out Field25519 x11);
        return x250.SquareTimes(5) * x11; // p − 2 = 2^255 − 21 = (2^250 − 1)·2^5 + 11
    }

    /// <summary>The square root of u/v when there is one, with an even canonical value; all in constant time.</summary>
    /// <returns>False when u/v is no square.</returns>
    public static bool TrySqrtRatio(in Field25519 u, in Field25519 v, out Field25519 root)
    {
        // RFC 8032 §5.1.3: the candidate is u·v^3·(u·v^7)^((p−5)/8).
        Field25519 v3 = v.Square() * v;
        Field25519 v7 = v3.Square() * v;
        Field25519 candidate = u * v3 * (u * v7).PowerP58();

        Field25519 check = candidate.Square() * v;
        ulong correct = (check - u).IsZeroMask();
        ulong flipped = (check + u).IsZeroMask();
        Field25519 other = candidate * s_sqrtMinusOne;
        candidate = Select(candidate, other, flipped);

        root = Select(candidate, -candidate, 0 - candidate.SignBit());
        return (correct | flipped) != 0;
    }

    /// <summary>this^((p−5)/8) = this^(2^252 − 3).</summary>
    private Field25519 PowerP58() => PowerOf2To250Minus1(out _).SquareTimes(2) * this;

    private Field25519 PowerOf2To250Minus1(out Field25519 x11)
    {
        Field25519 x2 = Square();
        Field25519 x9 = x2.SquareTimes(2) * this;
        x11 = x9 * x2;
        Field25519 n5 = x11.Square() * x9; // 2^5 − 1
        Field25519 n10 = n5.SquareTimes(5) * n5;
        Field25519 n20 = n10.SquareTimes(10) * n10;
        Field25519 n40 = n20.SquareTimes(20) * n20;
        Field25519 n50 = n40.SquareTimes(10) * n10;
        Field25519 n100 = n50.SquareTimes(50) * n50;
        Field25519 n200 = n100.SquareTimes(100) * n100;
        return n200.SquareTimes(50) * n50;
    }

    /// <summary>Replaces numbers, none of them zero, by their inverses: one inversion, and three products each.</summary>
    public static void InvertAll(Span<Field25519> values)
    {
        Field25519[] products = new Field25519[values.Length]; // of all values before
        Field25519 product = One;
        for (int i = 0; i < values.Length; i++)
        {
            products[i] = product;
            product *= values[i];
        }

        Field25519 inverse = product.Invert();
        for (int i = values.Length - 1; i >= 0; i--)
        {
            Field25519 value = values[i];
            values[i] = inverse * products[i];
            inverse *= value;
        }
    }

    private Field25519 SquareTimes(int times)
    {
        Field25519 x = this;
        for (int i = 0; i < times; i++)
        {
            x = x.Square();
        }

        return x;
    }

    private static Field25519 SqrtMinusOne()
    {
        // (p−1)/4 = 2^253 − 5 = 2·(2^252 − 3) + 1.
        Field25519 two = One + One;
        return two.PowerP58().Square() * two;
    }
}
