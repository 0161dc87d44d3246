using System.Buffers.Binary;
using System.Numerics;
using Libp2p.Scheduling;

namespace Libp2p.TestKit;

/// <summary>
/// The same numbers for the same seed, on every platform: xoshiro256** (Blackman and Vigna, public domain), seeded by SplitMix64.
/// Not for keys that guard anything.
/// </summary>
public sealed class SeededRandomSource : IRandomSource
{
    private readonly Lock _gate = new();
    private readonly ulong[] _state = new ulong[4];

    public SeededRandomSource(ulong seed)
    {
        for (int i = 0; i < _state.Length; i++)
        {
            seed += 0x9E3779B97F4A7C15;
            ulong mixed = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            _state[i] = mixed ^ (mixed >> 31);
        }
    }

    public void Fill(Span<byte> destination)
    {
        Span<byte> block = stackalloc byte[sizeof(ulong)];

        lock (_gate)
        {
            while (!destination.IsEmpty)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(block, Step());
                int count = Math.Min(block.Length, destination.Length);
                block[..count].CopyTo(destination);
                destination = destination[count..];
            }
        }
    }

    public int Next(int exclusiveBound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusiveBound);

        lock (_gate)
        {
            // Multiplying instead of dividing is uneven by at most 2^-32, which no simulation notices.
            return (int)(((UInt128)Step() * (uint)exclusiveBound) >> 64);
        }
    }

    private ulong Step()
    {
        ulong result = BitOperations.RotateLeft(_state[1] * 5, 7) * 9;
        ulong shifted = _state[1] << 17;
        _state[2] ^= _state[0];
        _state[3] ^= _state[1];
        _state[1] ^= _state[2];
        _state[0] ^= _state[3];
        _state[2] ^= shifted;
        _state[3] = BitOperations.RotateLeft(_state[3], 45);
        return result;
    }
}
