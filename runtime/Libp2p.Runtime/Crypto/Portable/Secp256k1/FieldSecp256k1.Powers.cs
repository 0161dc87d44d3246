namespace Libp2p.Crypto.Portable;

/// <content>Inverses and square roots, by fixed chains of squarings and products: x_n is this^(2^n − 1).</content>
internal readonly partial struct FieldSecp256k1
{
    /// <summary>1 / this, as this^(p−2); zero for zero.</summary>
    public FieldSecp256k1 Invert()
    {
        // p − 2 in bits: 223 ones, 0, 22 ones, 0000101101.
        FieldSecp256k1 head = CommonPower(out FieldSecp256k1 x2);
        FieldSecp256k1 t = head.SquareTimes(5) * this;
        t = t.SquareTimes(3) * x2;
        return t.SquareTimes(2) * this;
    }

    /// <summary>A square root, by the power (p+1)/4; false when there is none.</summary>
    public bool TrySqrt(out FieldSecp256k1 root)
    {
        // (p + 1)/4 in bits: 223 ones, 0, 22 ones, 00001100.
        root = (CommonPower(out FieldSecp256k1 x2).SquareTimes(6) * x2).SquareTimes(2);
        return (root.Square() - this).IsZeroMask() != 0;
    }

    /// <summary>The power whose exponent is 223 ones, a zero and 22 ones.</summary>
    private FieldSecp256k1 CommonPower(out FieldSecp256k1 x2)
    {
        x2 = Square() * this;
        FieldSecp256k1 x3 = x2.Square() * this;
        FieldSecp256k1 x6 = x3.SquareTimes(3) * x3;
        FieldSecp256k1 x9 = x6.SquareTimes(3) * x3;
        FieldSecp256k1 x11 = x9.SquareTimes(2) * x2;
        FieldSecp256k1 x22 = x11.SquareTimes(11) * x11;
        FieldSecp256k1 x44 = x22.SquareTimes(22) * x22;
        FieldSecp256k1 x88 = x44.SquareTimes(44) * x44;
        FieldSecp256k1 x176 = x88.SquareTimes(88) * x88;
        FieldSecp256k1 x220 = x176.SquareTimes(44) * x44;
        FieldSecp256k1 x223 = x220.SquareTimes(3) * x3;
        return x223.SquareTimes(23) * x22;
    }

    /// <summary>Replaces numbers, none of them zero, by their inverses: one inversion, and three products each.</summary>
    public static void InvertAll(Span<FieldSecp256k1> values)
    {
        FieldSecp256k1[] products = new FieldSecp256k1[values.Length]; // of all values before
        FieldSecp256k1 product = One;
        for (int i = 0; i < values.Length; i++)
        {
            products[i] = product;
            product *= values[i];
        }

        FieldSecp256k1 inverse = product.Invert();
        for (int i = values.Length - 1; i >= 0; i--)
        {
            FieldSecp256k1 value = values[i];
            values[i] = inverse * products[i];
            inverse *= value;
        }
    }

    private FieldSecp256k1 SquareTimes(int times)
    {
        FieldSecp256k1 x = this;
        for (int i = 0; i < times; i++)
        {
            x = x.Square();
        }

        return x;
    }
}
