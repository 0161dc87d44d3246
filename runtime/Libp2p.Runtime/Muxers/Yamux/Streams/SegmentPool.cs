using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Libp2p.Muxers.Yamux;

/// <summary>
/// Segments for the streams of one connection: arrays from the shared pool, and a short list of spare segment objects, dropped when
/// no stream is open. What the remote fills is charged to the connection's account; what the application fills is bounded by its
/// own writes. Thread-safe.
/// </summary>
internal sealed class SegmentPool(MemoryAccount account)
{
    private const int MaxSpare = 256;

    private readonly Lock _gate = new();
    private Segment? _spare;
    private int _spareCount;

    /// <summary>Segments that are out.</summary>
    public int Rented { get; private set; }

    /// <summary>A segment for the application's bytes.</summary>
    public Segment Rent(int size) => Open(ArrayPool<byte>.Shared.Rent(size), charged: 0);

    /// <summary>A segment for the remote's bytes; false when there is no memory for it.</summary>
    public bool TryRentCharged(int size, [NotNullWhen(true)] out Segment? segment)
    {
        byte[] array = ArrayPool<byte>.Shared.Rent(size);
        if (!account.TryTake(array.Length))
        {
            ArrayPool<byte>.Shared.Return(array);
            segment = null;
            return false;
        }

        segment = Open(array, array.Length);
        return true;
    }

    /// <summary>Takes a segment back.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="reuse">False: somebody may still be looking at it, so it is left to the garbage collector.</param>
    public void Return(Segment segment, bool reuse = true)
    {
        int charged = segment.Charged;
        byte[]? array = null;
        lock (_gate)
        {
            Rented--;
            if (reuse)
            {
                bool keep = _spareCount < MaxSpare;
                array = segment.Close(keep ? _spare : null);
                _spare = keep ? segment : _spare;
                _spareCount += keep ? 1 : 0;
            }
        }

        if (array is not null)
        {
            ArrayPool<byte>.Shared.Return(array);
        }

        if (charged > 0)
        {
            account.Return(charged);
        }
    }

    /// <summary>Drops the spare segments: no stream is open.</summary>
    public void Trim()
    {
        lock (_gate)
        {
            _spare = null;
            _spareCount = 0;
        }
    }

    private Segment Open(byte[] array, int charged)
    {
        Segment? segment;
        lock (_gate)
        {
            Rented++;
            segment = _spare;
            if (segment is not null)
            {
                _spare = segment.Following;
                _spareCount--;
                segment.Close(null);
            }
        }

        segment ??= new Segment();
        segment.Open(array, charged);
        return segment;
    }
}
