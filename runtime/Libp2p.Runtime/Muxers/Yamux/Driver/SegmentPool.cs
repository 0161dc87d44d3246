using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Libp2p.Muxers.Yamux;

/// <summary>
/// Segments for the streams of one connection: arrays from the shared pool, and a short list of spare segment objects, dropped when
/// no stream is open. All is charged to the connection's account, but for the first small segment of what a stream sends. Thread-safe.
/// </summary>
internal sealed class SegmentPool(MemoryAccount account)
{
    private const int MaxSpare = 256;

    private readonly Lock _gate = new();
    private ByteSegment? _spare;
    private int _spareCount;

    /// <summary>Segments that are out.</summary>
    public int Rented { get; private set; }

    /// <summary>A small segment for the application's bytes, which each stream may have.</summary>
    public ByteSegment RentFree(int size) => Open(ArrayPool<byte>.Shared.Rent(size), charged: 0, isOurs: true);

    /// <summary>A segment for bytes of the application's, or of the remote's; false when there is no memory for it.</summary>
    public bool TryRentCharged(int size, bool isOurs, [NotNullWhen(true)] out ByteSegment? segment)
    {
        byte[] array = ArrayPool<byte>.Shared.Rent(size);
        if (!(isOurs ? account.TryQueue(array.Length) : account.TryTake(array.Length)))
        {
            ArrayPool<byte>.Shared.Return(array);
            segment = null;
            return false;
        }

        segment = Open(array, array.Length, isOurs);
        return true;
    }

    /// <summary>Takes a segment back.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="reuse">False: somebody may still be looking at it, so it is left to the garbage collector.</param>
    public void Return(ByteSegment segment, bool reuse = true)
    {
        int charged = segment.Charged;
        bool isOurs = segment.IsOurs;
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

        if (charged > 0 && isOurs)
        {
            account.ReturnQueued(charged);
        }
        else if (charged > 0)
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

    private ByteSegment Open(byte[] array, int charged, bool isOurs)
    {
        ByteSegment? segment;
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

        segment ??= new ByteSegment();
        segment.Open(array, charged, isOurs);
        return segment;
    }
}
