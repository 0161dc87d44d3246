using System.Buffers.Binary;
using System.Numerics;

namespace Libp2p.TestKit.Scheduling;

/// <summary>xoshiro256**, as Blackman and Vigna published it: small, fast, and the same on every machine.</summary>
/// <remarks>https://prng.di.unimi.it/xoshiro256starstar.c. Not thread-safe, and predictable by design.</remarks>
internal sealed class Xoshiro256
{
    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;

    public Xoshiro256(ReadOnlySpan<byte> state)
    {
        _s0 = BinaryPrimitives.ReadUInt64LittleEndian(state);
        _s1 = BinaryPrimitives.ReadUInt64LittleEndian(state[8..]);
        _s2 = BinaryPrimitives.ReadUInt64LittleEndian(state[16..]);
        _s3 = BinaryPrimitives.ReadUInt64LittleEndian(state[24..]);
        if ((_s0 | _s1 | _s2 | _s3) == 0)
        {
            _s0 = 1; // the one state it never leaves
        }
    }

    public ulong Next()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A number below the bound, without bias: Lemire's multiplication, with the short first interval refused.</summary>
    public uint Next(uint exclusiveBound)
    {
        ulong product = (Next() >> 32) * exclusiveBound;
        if ((uint)product < exclusiveBound)
        {
            uint refused = (0u - exclusiveBound) % exclusiveBound;
            while ((uint)product < refused)
            {
                product = (Next() >> 32) * exclusiveBound;
            }
        }

        return (uint)(product >> 32);
    }
}
