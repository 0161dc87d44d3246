using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Libp2p.Crypto.Portable;

/// <content>Two blocks at once, on vectors of 128 bits.</content>
internal static partial class ChaCha20Cipher
{
    [SkipLocalsInit]
    internal static void Xor128(ReadOnlySpan<uint> state, ReadOnlySpan<byte> input, Span<byte> output)
    {
        Vector128<uint> a = Vector128.Create(state.Slice(0, 4));
        Vector128<uint> b = Vector128.Create(state.Slice(4, 4));
        Vector128<uint> c = Vector128.Create(state.Slice(8, 4));
        Vector128<uint> d = Vector128.Create(state.Slice(12, 4));
        Vector128<uint> step = Vector128.Create(1u, 0u, 0u, 0u);

        ref byte source = ref MemoryMarshal.GetReference(input);
        ref byte target = ref MemoryMarshal.GetReference(output);
        for (nuint offset = 0; offset < (nuint)input.Length; offset += 2 * BlockSize)
        {
            Vector128<uint> next = d + step;
            Vector128<uint> a0 = a, b0 = b, c0 = c, d0 = d;
            Vector128<uint> a1 = a, b1 = b, c1 = c, d1 = next;
            for (int i = 0; i < DoubleRounds; i++)
            {
                DoubleRound(ref a0, ref b0, ref c0, ref d0, ref a1, ref b1, ref c1, ref d1);
            }

            XorBlocks(ref source, ref target, offset, a0 + a, b0 + b, c0 + c, d0 + d);
            XorBlocks(ref source, ref target, offset + (1 * BlockSize), a1 + a, b1 + b, c1 + c, d1 + next);
            d = next + step;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DoubleRound(
        ref Vector128<uint> a0,
        ref Vector128<uint> b0,
        ref Vector128<uint> c0,
        ref Vector128<uint> d0,
        ref Vector128<uint> a1,
        ref Vector128<uint> b1,
        ref Vector128<uint> c1,
        ref Vector128<uint> d1)
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
        ref Vector128<uint> a0,
        ref Vector128<uint> b0,
        ref Vector128<uint> c0,
        ref Vector128<uint> d0,
        ref Vector128<uint> a1,
        ref Vector128<uint> b1,
        ref Vector128<uint> c1,
        ref Vector128<uint> d1)
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
        Vector128<uint> a,
        Vector128<uint> b,
        Vector128<uint> c,
        Vector128<uint> d)
    {
        XorRow(ref source, ref target, offset, a);
        XorRow(ref source, ref target, offset + 16, b);
        XorRow(ref source, ref target, offset + 32, c);
        XorRow(ref source, ref target, offset + 48, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void XorRow(ref byte source, ref byte target, nuint offset, Vector128<uint> row)
    {
        Vector128<byte> stream = (BitConverter.IsLittleEndian ? row : SwapBytes(row)).AsByte();
        (Vector128.LoadUnsafe(ref source, offset) ^ stream).StoreUnsafe(ref target, offset);
    }

    private static Vector128<uint> SwapBytes(Vector128<uint> row) =>
        Vector128.Shuffle(row.AsByte(), Vector128.Create((byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Rotate(Vector128<uint> v, int bits) => (v << bits) | (v >>> (32 - bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Left1(Vector128<uint> v) => Vector128.Shuffle(v, Vector128.Create(1u, 2u, 3u, 0u));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Left2(Vector128<uint> v) => Vector128.Shuffle(v, Vector128.Create(2u, 3u, 0u, 1u));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Left3(Vector128<uint> v) => Vector128.Shuffle(v, Vector128.Create(3u, 0u, 1u, 2u));
}
