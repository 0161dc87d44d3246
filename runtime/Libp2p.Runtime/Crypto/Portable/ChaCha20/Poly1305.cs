using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Libp2p.Crypto.Portable;

/// <summary>
/// The one-time authenticator of RFC 8439 §2.5: a polynomial in r modulo 2^130 − 5, in words of 64 bits, plus a pad.
/// A mutable struct that holds secrets: keep it on the stack, pass it by reference, and end with <see cref="Finish"/>.
/// </summary>
internal struct Poly1305
{
    public const int KeySize = 32;
    public const int TagSize = 16;
    private const int BlockSize = 16;

    // r, and 5/4·r1: r1 is a multiple of four, so what the product puts at 2^128 comes back times 5/4 at 1.
    private readonly ulong _r0;
    private readonly ulong _r1;
    private readonly ulong _s1;
    private readonly ulong _pad0;
    private readonly ulong _pad1;

    // The sum so far; _h2 stays below 8.
    private ulong _h0;
    private ulong _h1;
    private ulong _h2;

    public Poly1305(ReadOnlySpan<byte> oneTimeKey)
    {
        _r0 = BinaryPrimitives.ReadUInt64LittleEndian(oneTimeKey) & 0x0FFFFFFC0FFFFFFF;
        _r1 = BinaryPrimitives.ReadUInt64LittleEndian(oneTimeKey[8..]) & 0x0FFFFFFC0FFFFFFC;
        _s1 = _r1 + (_r1 >> 2);
        _pad0 = BinaryPrimitives.ReadUInt64LittleEndian(oneTimeKey[16..]);
        _pad1 = BinaryPrimitives.ReadUInt64LittleEndian(oneTimeKey[24..]);
    }

    /// <summary>Takes whole blocks in; a last short one is filled up with zeros, as the AEAD of RFC 8439 §2.8 pads each part.</summary>
    public void UpdatePadded(ReadOnlySpan<byte> data)
    {
        int whole = data.Length & ~(BlockSize - 1);
        Blocks(data[..whole]);
        if (whole != data.Length)
        {
            Span<byte> last = stackalloc byte[BlockSize];
            last.Clear();
            data[whole..].CopyTo(last);
            Blocks(last);
        }
    }

    /// <summary>Takes the last block in, of any length: a one follows its last byte.</summary>
    public void UpdateLast(ReadOnlySpan<byte> data)
    {
        int whole = data.Length & ~(BlockSize - 1);
        Blocks(data[..whole]);
        if (whole != data.Length)
        {
            Span<byte> last = stackalloc byte[BlockSize];
            last.Clear();
            data[whole..].CopyTo(last);
            last[data.Length - whole] = 1;
            Block(BinaryPrimitives.ReadUInt64LittleEndian(last), BinaryPrimitives.ReadUInt64LittleEndian(last[8..]), 0);
        }
    }

    /// <summary>The block that ends the AEAD's input: both lengths.</summary>
    public void UpdateLengths(int associatedData, int ciphertext) => Block((ulong)associatedData, (ulong)ciphertext, 1);

    /// <summary>Writes the tag and wipes this.</summary>
    public void Finish(Span<byte> tag)
    {
        // h is below 2^131; fold once more, then take h − p if that is not negative.
        ulong fold = (_h2 >> 2) * 5;
        ulong carry = 0;
        ulong h0 = WideMath.AddCarry(_h0, fold, ref carry);
        ulong h1 = WideMath.AddCarry(_h1, 0, ref carry);
        ulong h2 = (_h2 & 3) + carry;

        carry = 0;
        ulong g0 = WideMath.AddCarry(h0, 5, ref carry);
        ulong g1 = WideMath.AddCarry(h1, 0, ref carry);
        ulong atLeastP = 0 - ((h2 + carry) >> 2);
        h0 ^= atLeastP & (h0 ^ g0);
        h1 ^= atLeastP & (h1 ^ g1);

        carry = 0;
        BinaryPrimitives.WriteUInt64LittleEndian(tag, WideMath.AddCarry(h0, _pad0, ref carry));
        BinaryPrimitives.WriteUInt64LittleEndian(tag[8..], h1 + _pad1 + carry);
        Secret.Wipe(ref this);
    }

    [SkipLocalsInit]
    private void Blocks(ReadOnlySpan<byte> blocks)
    {
        ulong h0 = _h0, h1 = _h1, h2 = _h2;
        ulong r0 = _r0, r1 = _r1, s1 = _s1;
        for (int i = 0; i <= blocks.Length - BlockSize; i += BlockSize)
        {
            ulong m0 = BinaryPrimitives.ReadUInt64LittleEndian(blocks[i..]);
            ulong m1 = BinaryPrimitives.ReadUInt64LittleEndian(blocks[(i + 8)..]);
            Step(ref h0, ref h1, ref h2, m0, m1, 1, r0, r1, s1);
        }

        _h0 = h0;
        _h1 = h1;
        _h2 = h2;
    }

    private void Block(ulong m0, ulong m1, ulong top) => Step(ref _h0, ref _h1, ref _h2, m0, m1, top, _r0, _r1, _s1);

    /// <summary>h = (h + m)·r modulo 2^130 − 5, not fully reduced.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(ref ulong h0, ref ulong h1, ref ulong h2, ulong m0, ulong m1, ulong top, ulong r0, ulong r1, ulong s1)
    {
        ulong a0 = h0 + m0;
        ulong carry = WideMath.Carry(a0, m0);
        ulong a1 = h1 + m1;
        ulong carry1 = WideMath.Carry(a1, m1);
        a1 += carry;
        ulong a2 = h2 + top + carry1 + WideMath.Carry(a1, carry);

        // Three columns; r0, r1 and s1 are below 2^61, so nothing overflows its two words.
        ulong low0 = 0, high0 = 0, low1 = a2 * s1, high1 = 0;
        WideMath.MultiplyAdd(ref high0, ref low0, a0, r0);
        WideMath.MultiplyAdd(ref high0, ref low0, a1, s1);
        WideMath.MultiplyAdd(ref high1, ref low1, a0, r1);
        WideMath.MultiplyAdd(ref high1, ref low1, a1, r0);
        WideMath.Add(ref high1, ref low1, high0);
        ulong column2 = (a2 * r0) + high1;

        // What stands at 2^130 and above returns times five.
        ulong fold = (column2 & ~3UL) + (column2 >> 2);
        h0 = low0 + fold;
        carry = WideMath.Carry(h0, fold);
        h1 = low1 + carry;
        h2 = (column2 & 3) + WideMath.Carry(h1, carry);
    }
}
