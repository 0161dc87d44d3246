using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Libp2p.Crypto.Portable;

/// <summary>
/// The stream cipher of RFC 8439 §2.4, over whole chunks; what a message does not fill is the caller's concern.
/// Additions, rotations and exclusive-ors only, so constant in time by nature.
/// </summary>
/// <remarks>
/// A vector holds a row of the state, four words; a vector of 256 bits the same row of two blocks side by side, so that the diagonals of
/// §2.3 are shuffles within 128 bits at either width. Two such states run interleaved, to hide the latency. 512-bit vectors were
/// measured and brought nothing.
/// </remarks>
internal static partial class ChaCha20Cipher
{
    public const int BlockSize = 64;
    public const int StateWords = 16;

    /// <summary>The largest chunk of any width.</summary>
    public const int MaxChunk = 4 * BlockSize;
    private const int DoubleRounds = 10;

    /// <summary>Bytes that are worked on at once here: lengths given to <see cref="Xor"/> are multiples of it.</summary>
    public static int Chunk =>
        Vector256.IsHardwareAccelerated ? 4 * BlockSize
        : Vector128.IsHardwareAccelerated ? 2 * BlockSize
        : BlockSize;

    /// <summary>What the keystream is made with here, for diagnostics.</summary>
    public static string Width =>
        Vector256.IsHardwareAccelerated ? "256-bit vectors"
        : Vector128.IsHardwareAccelerated ? "128-bit vectors"
        : "scalar";

    /// <summary>The state before the first block: constants, key, counter zero, nonce.</summary>
    public static void Initialize(Span<uint> state, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce)
    {
        state[0] = 0x61707865; // "expand 32-byte k"
        state[1] = 0x3320646E;
        state[2] = 0x79622D32;
        state[3] = 0x6B206574;
        for (int i = 0; i < 8; i++)
        {
            state[4 + i] = BinaryPrimitives.ReadUInt32LittleEndian(key[(4 * i)..]);
        }

        state[12] = 0;
        for (int i = 0; i < 3; i++)
        {
            state[13 + i] = BinaryPrimitives.ReadUInt32LittleEndian(nonce[(4 * i)..]);
        }
    }

    /// <summary>
    /// output = input ⊕ keystream, for a length that is a multiple of <see cref="Chunk"/>, and moves the state's counter on.
    /// Input and output have one length and may be the same memory.
    /// </summary>
    public static void Xor(Span<uint> state, ReadOnlySpan<byte> input, Span<byte> output)
    {
        if (Vector256.IsHardwareAccelerated)
        {
            Xor256(state, input, output);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Xor128(state, input, output);
        }
        else
        {
            XorScalar(state, input, output);
        }

        state[12] += (uint)(input.Length / BlockSize);
    }

    internal static void XorScalar(ReadOnlySpan<uint> state, ReadOnlySpan<byte> input, Span<byte> output)
    {
        Span<uint> x = stackalloc uint[StateWords];
        for (int offset = 0; offset < input.Length; offset += BlockSize)
        {
            uint counter = state[12] + (uint)(offset / BlockSize);
            state.CopyTo(x);
            x[12] = counter;
            for (int i = 0; i < DoubleRounds; i++)
            {
                QuarterRound(ref x[0], ref x[4], ref x[8], ref x[12]);
                QuarterRound(ref x[1], ref x[5], ref x[9], ref x[13]);
                QuarterRound(ref x[2], ref x[6], ref x[10], ref x[14]);
                QuarterRound(ref x[3], ref x[7], ref x[11], ref x[15]);
                QuarterRound(ref x[0], ref x[5], ref x[10], ref x[15]);
                QuarterRound(ref x[1], ref x[6], ref x[11], ref x[12]);
                QuarterRound(ref x[2], ref x[7], ref x[8], ref x[13]);
                QuarterRound(ref x[3], ref x[4], ref x[9], ref x[14]);
            }

            for (int i = 0; i < StateWords; i++)
            {
                uint word = x[i] + (i == 12 ? counter : state[i]);
                int at = offset + (4 * i);
                BinaryPrimitives.WriteUInt32LittleEndian(output[at..], word ^ BinaryPrimitives.ReadUInt32LittleEndian(input[at..]));
            }
        }

        Secret.Wipe(x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void QuarterRound(ref uint a, ref uint b, ref uint c, ref uint d)
    {
        a += b;
        d = BitOperations.RotateLeft(d ^ a, 16);
        c += d;
        b = BitOperations.RotateLeft(b ^ c, 12);
        a += b;
        d = BitOperations.RotateLeft(d ^ a, 8);
        c += d;
        b = BitOperations.RotateLeft(b ^ c, 7);
    }
}
