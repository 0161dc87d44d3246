using System.Numerics;
using Libp2p.Crypto.Portable;

namespace Libp2p.Tests.Crypto;

/// <summary>The fields and the scalars against <see cref="BigInteger"/>, at random and at the edges where carries run.</summary>
public class PortableArithmeticTests
{
    private static readonly BigInteger s_p25519 = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger s_p256k1 = BigInteger.Pow(2, 256) - BigInteger.Pow(2, 32) - 977;

    [Fact]
    public void Field_25519_computes_modulo_p()
    {
        BigInteger[] values = Samples(s_p25519, 255);
        Random random = new(1);
        foreach (BigInteger x in values)
        {
            BigInteger y = values[random.Next(values.Length)];
            Field25519 a = Read(x);
            Field25519 b = Read(y);

            // Loose operands: sums of three, as the formulas make them.
            Field25519 a3 = a + a + a;
            Field25519 b3 = b + b + b;
            Assert.Equal(Mod(9 * x * y, s_p25519), Value(a3 * b3));
            Assert.Equal(Mod(9 * x * x, s_p25519), Value(a3.Square()));
            Assert.Equal(Mod(3 * (x - y), s_p25519), Value(a3 - b3));
            Assert.Equal(Mod(-3 * x, s_p25519), Value(-a3));
            Assert.Equal(Mod(3 * x, s_p25519), Value(a3));
            Assert.Equal(Mod(3 * 121666 * x, s_p25519), Value(a3.MultiplyBy121666()));
            Assert.Equal(BigInteger.ModPow(x, s_p25519 - 2, s_p25519), Value(a.Invert()));
            Assert.Equal(Mod(x, s_p25519).IsZero, a.IsZeroMask() == ulong.MaxValue);
        }
    }

    [Fact]
    public void Field_secp256k1_computes_modulo_p()
    {
        BigInteger[] values = Samples(s_p256k1, 256);
        Random random = new(2);
        foreach (BigInteger x in values)
        {
            BigInteger y = values[random.Next(values.Length)];
            FieldSecp256k1 a = FieldSecp256k1.From(Word(x));
            FieldSecp256k1 b = FieldSecp256k1.From(Word(y));
            FieldSecp256k1 a3 = a + a + a;
            FieldSecp256k1 b3 = b + b + b;
            Assert.Equal(Mod(9 * x * y, s_p256k1), Value((a3 * b3).ToUInt256()));
            Assert.Equal(Mod(9 * x * x, s_p256k1), Value(a3.Square().ToUInt256()));
            Assert.Equal(Mod(3 * (x - y), s_p256k1), Value((a3 - b3).ToUInt256()));
            Assert.Equal(Mod(3 * x, s_p256k1), Value(a3.ToUInt256()));
            Assert.Equal(Mod(3 * 21 * x, s_p256k1), Value((a3 * 21UL).ToUInt256()));
            Assert.Equal(BigInteger.ModPow(x, s_p256k1 - 2, s_p256k1), Value(a.Invert().ToUInt256()));
            bool isSquare = BigInteger.ModPow(x, (s_p256k1 - 1) / 2, s_p256k1) <= 1;
            Assert.Equal(isSquare, a.TrySqrt(out FieldSecp256k1 root));
            Assert.True(!isSquare || Value(root.Square().ToUInt256()) == Mod(x, s_p256k1));
        }
    }

    [Fact]
    public void Scalars_compute_modulo_both_orders()
    {
        Random random = new(3);
        foreach (MontgomeryModulus order in new[] { Ed25519.Order, Secp256k1.Order })
        {
            BigInteger m = Value(order.Modulus);
            BigInteger[] values = Samples(m, 256);
            foreach (BigInteger x in values)
            {
                BigInteger y = values[random.Next(values.Length)];
                UInt256 a = order.Reduce(Word(x));
                UInt256 b = order.Reduce(Word(y));
                Assert.Equal(Mod(x, m), Value(a));
                Assert.Equal(Mod(x + (y << 256), m), Value(order.Reduce(Word(x), Word(y))));
                Assert.Equal(Mod(x + y, m), Value(order.Add(a, b)));
                Assert.Equal(Mod(x * y, m), Value(order.Multiply(Word(x), b)));
                Assert.Equal(Mod(-x, m), Value(order.Negate(a)));
                Assert.Equal(BigInteger.ModPow(x, m - 2, m), Value(order.Invert(a)));
            }
        }
    }

    [Fact]
    public void Tables_and_ladders_reach_the_same_points()
    {
        BigInteger n = Value(Secp256k1.Order.Modulus);
        BigInteger l = Value(Ed25519.Order.Modulus);
        byte[] zero = new byte[32];
        byte[] expected = new byte[33];
        byte[] actual = new byte[33];
        foreach (BigInteger x in Samples(n, 256))
        {
            UInt256 scalar = Word(Mod(x, n - 1) + 1);
            BaseSecp256k1.Multiply(scalar).ToAffine().WriteCompressed(actual);
            VerificationSecp256k1.Multiply(scalar, default, BaseSecp256k1.Point).ToAffine().WriteCompressed(expected);
            Assert.Equal(expected, actual);
            VerificationSecp256k1.Multiply(default, scalar, BaseSecp256k1.Point).ToAffine().WriteCompressed(expected);
            Assert.Equal(expected, actual);

            byte[] bytes = new byte[32];
            Word(Mod(x, l)).WriteLittleEndian(bytes);
            EdwardsBase.Multiply(bytes).Write(actual);
            EdwardsVerification.Multiply(bytes, EdwardsBase.Point, zero).Write(expected);
            Assert.Equal(expected, actual);
            EdwardsVerification.Multiply(zero, EdwardsBase.Point, bytes).Write(expected);
            Assert.Equal(expected, actual);
        }
    }

    [Fact]
    public void Secp256k1_addition_is_complete()
    {
        PointSecp256k1 g = PointSecp256k1.From(BaseSecp256k1.Point);
        PointSecp256k1 minus = g;
        minus.Y = -minus.Y;
        g.Double(out PointSecp256k1 twice);
        g.Add(in g, out PointSecp256k1 sum);
        Assert.Equal(Value(twice.ToAffine().X.ToUInt256()), Value(sum.ToAffine().X.ToUInt256()));
        g.Add(in minus, out sum);
        Assert.Equal(ulong.MaxValue, sum.Z.IsZeroMask());
        sum.Add(in g, out PointSecp256k1 again);
        Assert.Equal(Value(BaseSecp256k1.Point.X.ToUInt256()), Value(again.ToAffine().X.ToUInt256()));
        sum.Double(out sum);
        Assert.Equal(ulong.MaxValue, sum.Z.IsZeroMask());
        AffinePointSecp256k1 affine = BaseSecp256k1.Point;
        g.Add(in affine, out sum);
        Assert.Equal(Value(twice.ToAffine().X.ToUInt256()), Value(sum.ToAffine().X.ToUInt256()));
    }

    // RFC 6979 A.2.5, and C2SP's vector whose first candidate is thrown away (a chance of 2^-32 on P-256, none to speak of on secp256k1).
    [Theory]
    [InlineData("sample", "A6E3C57DD01ABE90086538398355DD4C3B17AA873382B0F24D6129493D8AAD60")]
    [InlineData("test", "D16B6AE827F17175E040871A1C7EC3500192C4C92677336EC2537ACAEE0008E0")]
    [InlineData("wv[vnX", "2AE40DF9D9DAB61D688DE3DCB9867A98ECC70DD4D6C0F6C228B6E4E0B18B29BC")]
    public void Nonces_are_those_of_rfc_6979(string message, string nonce)
    {
        MontgomeryModulus p256 = new(Hex("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"));
        byte[] key = Convert.FromHexString("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
        byte[] digest = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(message));
        Rfc6979 nonces = new(p256, key, p256.Reduce(UInt256.ReadBigEndian(digest)), new byte[Rfc6979.StateSize]);
        Assert.Equal(Value(Hex(nonce)), Value(nonces.Next()));
        nonces.Dispose();
    }

    /// <summary>Numbers of up to that many bits: around zero and the modulus, with runs of ones and zeros, and random ones.</summary>
    private static BigInteger[] Samples(BigInteger modulus, int bits)
    {
        Random random = new(bits);
        BigInteger limit = BigInteger.Pow(2, bits);
        List<BigInteger> samples = [];
        for (int i = -3; i <= 3; i++)
        {
            samples.AddRange([i, modulus + i, limit + i, (modulus >> 1) + i]);
        }

        for (int bit = 1; bit < bits; bit += 13)
        {
            samples.AddRange([BigInteger.One << bit, (BigInteger.One << bit) - 1, limit - (BigInteger.One << bit)]);
        }

        byte[] bytes = new byte[32];
        for (int i = 0; i < 200; i++)
        {
            random.NextBytes(bytes);
            samples.Add(new BigInteger(bytes, isUnsigned: true) % limit);
        }

        return [.. samples.Where(x => x.Sign >= 0 && x < limit)];
    }

    private static BigInteger Mod(BigInteger x, BigInteger m) => ((x % m) + m) % m;

    private static UInt256 Hex(string bigEndian) => UInt256.ReadBigEndian(Convert.FromHexString(bigEndian));

    private static UInt256 Word(BigInteger x)
    {
        byte[] bytes = new byte[32];
        Assert.True(x.TryWriteBytes(bytes, out _, isUnsigned: true));
        return UInt256.ReadLittleEndian(bytes);
    }

    private static BigInteger Value(UInt256 x)
    {
        byte[] bytes = new byte[32];
        x.WriteLittleEndian(bytes);
        return new BigInteger(bytes, isUnsigned: true);
    }

    private static Field25519 Read(BigInteger x)
    {
        byte[] bytes = new byte[32];
        Assert.True(x.TryWriteBytes(bytes, out _, isUnsigned: true));
        return Field25519.Read(bytes);
    }

    private static BigInteger Value(Field25519 x)
    {
        byte[] bytes = new byte[32];
        x.Write(bytes);
        return new BigInteger(bytes, isUnsigned: true);
    }
}
