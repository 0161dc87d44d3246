using System.Buffers.Binary;
using Libp2p.Scheduling;

namespace Libp2p.Peer;

/// <summary>The secret that the gossipsub interop rule makes of a number: 32 bytes, little-endian.</summary>
internal sealed class SeedBytes(long seed) : IRandomSource
{
    public void Fill(Span<byte> destination)
    {
        destination.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(destination, seed);
    }

    public int Next(int exclusiveBound) => throw new NotSupportedException("A seed is for one key.");
}
