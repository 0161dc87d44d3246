using System.Buffers.Binary;

namespace Libp2p.Crypto.Portable;

/// <summary>An unsigned integer of four 64-bit words, lowest first. No operation branches on a value.</summary>
internal readonly struct UInt256(ulong w0, ulong w1, ulong w2, ulong w3)
{
    public readonly ulong W0 = w0;
    public readonly ulong W1 = w1;
    public readonly ulong W2 = w2;
    public readonly ulong W3 = w3;

    public static UInt256 FromSmall(ulong value) => new(value, 0, 0, 0);

    public static UInt256 ReadLittleEndian(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));

    public static UInt256 ReadBigEndian(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes));

    public void WriteLittleEndian(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, W0);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], W1);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], W2);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], W3);
    }

    public void WriteBigEndian(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, W3);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], W2);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], W1);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], W0);
    }

    public static UInt256 Add(in UInt256 a, in UInt256 b, out ulong carry)
    {
        carry = 0;
        ulong w0 = WideMath.AddCarry(a.W0, b.W0, ref carry);
        ulong w1 = WideMath.AddCarry(a.W1, b.W1, ref carry);
        ulong w2 = WideMath.AddCarry(a.W2, b.W2, ref carry);
        ulong w3 = WideMath.AddCarry(a.W3, b.W3, ref carry);
        return new(w0, w1, w2, w3);
    }

    public static UInt256 Subtract(in UInt256 a, in UInt256 b, out ulong borrow)
    {
        borrow = 0;
        ulong w0 = WideMath.SubtractBorrow(a.W0, b.W0, ref borrow);
        ulong w1 = WideMath.SubtractBorrow(a.W1, b.W1, ref borrow);
        ulong w2 = WideMath.SubtractBorrow(a.W2, b.W2, ref borrow);
        ulong w3 = WideMath.SubtractBorrow(a.W3, b.W3, ref borrow);
        return new(w0, w1, w2, w3);
    }

    /// <summary><paramref name="a"/> when the mask is zero, <paramref name="b"/> when it is all ones.</summary>
    public static UInt256 Select(in UInt256 a, in UInt256 b, ulong mask) => new(
        a.W0 ^ (mask & (a.W0 ^ b.W0)),
        a.W1 ^ (mask & (a.W1 ^ b.W1)),
        a.W2 ^ (mask & (a.W2 ^ b.W2)),
        a.W3 ^ (mask & (a.W3 ^ b.W3)));

    public ulong IsZeroMask() => WideMath.MaskIfZero(W0 | W1 | W2 | W3);

    /// <summary>All ones when this is below <paramref name="other"/>, else zero.</summary>
    public ulong IsBelowMask(in UInt256 other)
    {
        _ = Subtract(in this, in other, out ulong borrow);
        return 0 - borrow;
    }

    /// <summary>
    /// The <paramref name="count"/> bits from <paramref name="index"/> on; both are public, and the bits lie in one word.
    /// </summary>
    public int Bits(int index, int count)
    {
        ulong word = (index >> 6) switch { 0 => W0, 1 => W1, 2 => W2, _ => W3 };
        return (int)(word >> (index & 63)) & ((1 << count) - 1);
    }
}
