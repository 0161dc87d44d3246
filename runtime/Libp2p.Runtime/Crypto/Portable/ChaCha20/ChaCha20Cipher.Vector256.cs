using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Libp2p.Crypto.Portable;

/// <content>Four blocks at once, on vectors of 256 bits.</content>
internal static partial class ChaCha20Cipher
{
    [SkipLocalsInit]
    internal static void Xor256(ReadOnlySpan<uint> state, ReadOnlySpan<byte> input, Span<byte> output)
    {
        Vector256<uint> a = Vector256.Create(Vector128.Create(state.Slice(0, 4)));
        Vector256<uint> b = Vector256.Create(Vector128.Create(state.Slice(4, 4)));
        Vector256<uint> c = Vector256.Create(Vector128.Create(state.Slice(8, 4)));
        Vector256<uint> d = Vector256.Create(Vector128.Create(state.Slice(12, 4)));
        d += Vector256.Create(0u, 0u, 0u, 0u, 1u, 0u, 0u, 0u); // the upper half is the next block
        Vector256<uint> step = Vector256.Create(2u, 0u, 0u, 0u, 2u, 0u, 0u, 0u);

        ref byte source = ref MemoryMarshal.GetReference(input);
        ref byte target = ref MemoryMarshal.GetReference(output);
        for (nuint offset = 0; offset < (nuint)input.Length; offset += 4 * BlockSize)
        {
            Vector256<uint> next = d + step;
            Vector256<uint> a0 = a, b0 = b, c0 = c, d0 = d;
            Vector256<uint> a1 = a, b1 = b, c1 = c, d1 = next;
            for (int i = 0; i < DoubleRounds; i++)
            {
                DoubleRound(ref a0, ref b0, ref c0, ref d0, ref a1, ref b1, ref c1, ref d1);
            }

            XorBlocks(ref source, ref target, offset, a0 + a, b0 + b, c0 + c, d0 + d);
            XorBlocks(ref source, ref target, offset + (2 * BlockSize), a1 + a, b1 + b, c1 + c, d1 + next);
            d = next + step;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DoubleRound(
        ref Vector256<uint> a0,
        ref Vector256<uint> b0,
        ref Vector256<uint> c0,
        ref Vector256<uint> d0,
        ref Vector256<uint> a1,
        ref Vector256<uint> b1,
        ref Vector256<uint> c1,
        ref Vector256<uint> d1)
    {
        QuarterRounds(ref a0, ref b0, ref c0, ref d0, ref a1, ref b1, ref c1, ref d1);
        (b0, c0, d0) = (Left1(b0), Left2(c0), Left3(d0));
        (b1, c1, d1) = (Left1(b1), Left2(c1), Left3(d1));
        QuarterRounds(ref a0, ref b0, ref c0, ref d0, ref a1, ref b1, ref c1, ref d1);
        (b0, c0, d0) = (Left3(b0), Left2(c0), Left1(d0));
        (b1, c1, d1) = (Left3(b1), Left2(c1), Left1(d1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void QuarterRounds(
        ref Vector256<uint> a0,
        ref Vector256<uint> b0,
        ref Vector256<uint> c0,
        ref Vector256<uint> d0,
        ref Vector256<uint> a1,
        ref Vector256<uint> b1,
        ref Vector256<uint> c1,
        ref Vector256<uint> d1)
    {
        a0 += b0;
        a1 += b1;
        d0 = Rotate(d0 ^ a0, 16);
        d1 = Rotate(d1 ^ a1, 16);
        c0 += d0;
        c1 += d1;
        b0 = Rotate(b0 ^ c0, 12);
        b1 = Rotate(b1 ^ c1, 12);
        a0 += b0;
        a1 += b1;
        d0 = Rotate(d0 ^ a0, 8);
        d1 = Rotate(d1 ^ a1, 8);
        c0 += d0;
        c1 += d1;
        b0 = Rotate(b0 ^ c0, 7);
        b1 = Rotate(b1 ^ c1, 7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void XorBlocks(
        ref byte source,
        ref byte target,
        nuint offset,
        Vector256<uint> a,
        Vector256<uint> b,
        Vector256<uint> c,
        Vector256<uint> d)
    {
        XorRow(ref source, ref target, offset, a.GetLower());
        XorRow(ref source, ref target, offset + 16, b.GetLower());
        XorRow(ref source, ref target, offset + 32, c.GetLower());
        XorRow(ref source, ref target, offset + 48, d.GetLower());
        XorRow(ref source, ref target, offset + 64, a.GetUpper());
        XorRow(ref source, ref target, offset + 80, b.GetUpper());
        XorRow(ref source, ref target, offset + 96, c.GetUpper());
        XorRow(ref source, ref target, offset + 112, d.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Rotate(Vector256<uint> v, int bits) => (v << bits) | (v >>> (32 - bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Left1(Vector256<uint> v) => Vector256.Shuffle(v, Vector256.Create(1u, 2u, 3u, 0u, 5u, 6u, 7u, 4u));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Left2(Vector256<uint> v) => Vector256.Shuffle(v, Vector256.Create(2u, 3u, 0u, 1u, 6u, 7u, 4u, 5u));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Left3(Vector256<uint> v) => Vector256.Shuffle(v, Vector256.Create(3u, 0u, 1u, 2u, 7u, 4u, 5u, 6u));
}
