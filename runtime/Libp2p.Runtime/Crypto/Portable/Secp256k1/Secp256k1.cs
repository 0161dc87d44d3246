namespace Libp2p.Crypto.Portable;

/// <summary>ECDSA over secp256k1 (SEC 1 §4.1) on digests of 32 bytes; signatures are r ‖ s, big-endian.</summary>
internal static class Secp256k1
{
    private const int Half = 32;

    /// <summary>n, the order of the base point.</summary>
    public static readonly MontgomeryModulus Order = new(
        new UInt256(0xBFD25E8CD0364141, 0xBAAEDCE6AF48A03B, 0xFFFFFFFFFFFFFFFE, 0xFFFFFFFFFFFFFFFF));

    /// <summary>True for a scalar in 1 … n − 1. Constant in time but for the answer.</summary>
    public static bool IsScalar(in UInt256 value) => (value.IsBelowMask(Order.Modulus) & ~value.IsZeroMask()) != 0;

    /// <summary>False when the scalar is none.</summary>
    public static bool TryDerivePublicKey(ReadOnlySpan<byte> privateKey, Span<byte> compressed)
    {
        UInt256 scalar = UInt256.ReadBigEndian(privateKey);
        bool valid = IsScalar(in scalar);
        if (valid)
        {
            BaseSecp256k1.Multiply(in scalar).ToAffine().WriteCompressed(compressed);
        }

        Secret.Wipe(ref scalar);
        return valid;
    }

    /// <summary>False when the private key is no scalar.</summary>
    public static bool TrySign(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> digest, Span<byte> signature)
    {
        UInt256 key = UInt256.ReadBigEndian(privateKey);
        if (!IsScalar(in key))
        {
            return false;
        }

        UInt256 z = Order.Reduce(UInt256.ReadBigEndian(digest));
        Rfc6979 nonces = new(Order, privateKey, in z, stackalloc byte[Rfc6979.StateSize]);
        UInt256 r, s;
        do
        {
            UInt256 k = nonces.Next();
            r = Order.Reduce(BaseSecp256k1.Multiply(in k).ToAffine().X.ToUInt256());
            UInt256 inverse = Order.Invert(in k);
            s = Order.Multiply(in inverse, Order.Add(in z, Order.Multiply(in r, in key)));
            Secret.Wipe(ref k);
            Secret.Wipe(ref inverse);
        }
        while ((r.IsZeroMask() | s.IsZeroMask()) != 0); // the odds are 2^-255; SEC 1 asks to go on

        nonces.Dispose();
        Secret.Wipe(ref key);
        r.WriteBigEndian(signature);
        LowS(in s).WriteBigEndian(signature[Half..]);
        return true;
    }

    public static bool Verify(in AffinePointSecp256k1 publicKey, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        UInt256 r = UInt256.ReadBigEndian(signature);
        UInt256 s = UInt256.ReadBigEndian(signature[Half..]);
        if (!IsScalar(in r) || !IsScalar(in s))
        {
            return false;
        }

        UInt256 z = Order.Reduce(UInt256.ReadBigEndian(digest));
        UInt256 inverse = Order.Invert(in s);
        UInt256 u1 = Order.Multiply(in z, in inverse);
        UInt256 u2 = Order.Multiply(in r, in inverse);
        PointSecp256k1 sum = VerificationSecp256k1.Multiply(in u1, in u2, in publicKey);

        // x(sum) mod n = r without a division: x is r, or r + n when that is still below p.
        if (sum.Z.IsZeroMask() != 0)
        {
            return false;
        }

        if (HasX(in sum, in r))
        {
            return true;
        }

        UInt256 wrapped = UInt256.Add(in r, Order.Modulus, out ulong carry);
        return carry == 0 && wrapped.IsBelowMask(FieldSecp256k1.Prime) != 0 && HasX(in sum, in wrapped);
    }

    /// <summary>True when s is above n/2: valid in ECDSA, but −s is too, so libp2p takes the lower one only.</summary>
    public static bool IsHighS(ReadOnlySpan<byte> signature)
    {
        UInt256 s = UInt256.ReadBigEndian(signature[Half..]);
        UInt256 negated = UInt256.Subtract(Order.Modulus, in s, out _);
        return negated.IsBelowMask(in s) != 0;
    }

    private static bool HasX(in PointSecp256k1 point, in UInt256 x) =>
        ((FieldSecp256k1.From(in x) * point.Z) - point.X).IsZeroMask() != 0;

    private static UInt256 LowS(in UInt256 s)
    {
        UInt256 negated = Order.Negate(in s);
        return UInt256.Select(in s, in negated, negated.IsBelowMask(in s));
    }
}
