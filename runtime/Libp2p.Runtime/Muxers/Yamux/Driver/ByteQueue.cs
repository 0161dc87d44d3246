using System.Buffers;

namespace Libp2p.Muxers.Yamux;

/// <summary>
/// Bytes on their way between one producer and one consumer, in rented segments; holds none while it is empty. Everything is done
/// under the connection's lock, but for the two copies, <see cref="TryAppend"/> and <see cref="CopyTo"/>: the producer alone touches
/// what is not committed, the consumer alone what is.
/// </summary>
internal struct ByteQueue(SegmentPool pool)
{
    private const int SmallSegment = 4 * 1024;
    private const int LargeSegment = 64 * 1024;

    private ByteSegment? _head; // first segment with committed bytes, from _headOffset
    private int _headOffset;
    private ByteSegment? _end; // last segment with committed bytes, up to _endOffset
    private int _endOffset;
    private ByteSegment? _tail; // where the producer writes
    private bool _producing; // the producer may be writing to _tail at this moment

    /// <summary>Bytes for the consumer.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes that were written and not committed.</summary>
    public int Uncommitted { get; private set; }

    /// <summary>How large a segment the application needs to write so many bytes in one piece; 0 where what is there will do.</summary>
    public readonly int Missing(int piece) =>
        _tail is not null && _tail.Room >= piece ? 0
        : Math.Max(piece, Length + Uncommitted < SmallSegment ? SmallSegment : LargeSegment); // who has filled one already writes much

    /// <summary>The same, for bytes that may be written piece by piece.</summary>
    public readonly int MissingForAny(int bytes) => _tail is { Room: > 0 } ? 0 : Math.Clamp(bytes, SmallSegment, LargeSegment);

    /// <summary>Whether a segment is one that the queue has for nothing: its first, and small.</summary>
    public readonly bool IsFree(int size) => _tail is null && size <= SmallSegment;

    /// <summary>Memory for the application to write to, until <see cref="Advance"/>, in the last segment or in a new one.</summary>
    public Memory<byte> GetMemory(ByteSegment? fresh)
    {
        if (fresh is not null)
        {
            Link(fresh);
        }

        _producing = true;
        return _tail!.Free;
    }

    /// <summary>The same, in the segment that is there or in the one that the queue has for nothing.</summary>
    public Memory<byte> GetFreeMemory() => GetMemory(_tail is null ? pool.RentFree(SmallSegment) : null);

    /// <summary>Counts what was written to the memory; nothing, when the queue was cleared since.</summary>
    public void Advance(int bytes)
    {
        if (_tail is null)
        {
            return;
        }

        _tail.Advance(bytes);
        Uncommitted += bytes;
        _producing = false;
    }

    /// <summary>Announces <see cref="TryAppend"/>: from now to <see cref="Commit"/> the tail is the producer's.</summary>
    public void BeginAppend() => _producing = true;

    /// <summary>Writes the remote's bytes, outside the lock; false when there is no memory for them.</summary>
    public bool TryAppend(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_tail is null || _tail.Room == 0)
            {
                if (!pool.TryRentCharged(Math.Clamp(bytes.Length, SmallSegment, LargeSegment), isOurs: false, out ByteSegment? segment))
                {
                    return false;
                }

                Link(segment);
            }

            int length = _tail!.Fill(bytes);
            Uncommitted += length;
            bytes = bytes[length..];
        }

        return true;
    }

    /// <summary>Hands what was written to the consumer; how many bytes.</summary>
    public int Commit()
    {
        int bytes = Uncommitted;
        _producing = false;
        _end = _tail;
        _endOffset = _tail?.Written ?? 0;
        Length += Uncommitted;
        Uncommitted = 0;
        if (Length == 0)
        {
            Clear();
        }

        return bytes;
    }

    /// <summary>What was committed, lent until <see cref="Consume"/>.</summary>
    public readonly ReadOnlySequence<byte> Peek() =>
        Length == 0 ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(_head!, _headOffset, _end!, _endOffset);

    /// <summary>How far a position lies behind the first byte.</summary>
    public readonly long OffsetOf(SequencePosition position) =>
        position.GetObject() is ByteSegment segment ? segment.RunningIndex + position.GetInteger() - _head!.RunningIndex - _headOffset : 0;

    /// <summary>Copies the first bytes, outside the lock; the consumer knows that so many were committed.</summary>
    public readonly void CopyTo(ref FrameSpan destination, int count)
    {
        ByteSegment segment = _head!;
        int offset = _headOffset;
        while (true)
        {
            int length = Math.Min(segment.Written - offset, count);
            destination.WriteBody(segment.Slice(offset, length));
            count -= length;
            if (count == 0)
            {
                return;
            }

            segment = segment.Following!;
            offset = 0;
        }
    }

    /// <summary>Drops the first bytes, and returns the segments that are done with.</summary>
    public void Consume(long count)
    {
        Length -= count;
        while (count > 0)
        {
            ByteSegment head = _head!;
            int available = (head == _end ? _endOffset : head.Written) - _headOffset;
            if (head == _end || count < available)
            {
                _headOffset += (int)count;
                break;
            }

            count -= available;
            _head = head.Following;
            _headOffset = 0;
            pool.Return(head);
        }

        if (!_producing && Length == 0 && Uncommitted == 0)
        {
            Clear();
        }
    }

    /// <summary>
    /// Drops everything; never between <see cref="BeginAppend"/> and <see cref="Commit"/>. What the application may still be writing
    /// to is not used again.
    /// </summary>
    /// <param name="reuse">False: the application may still be reading, so none of it is used again.</param>
    public void Clear(bool reuse = true)
    {
        for (ByteSegment? segment = _head; segment is not null;)
        {
            ByteSegment? next = segment.Following;
            pool.Return(segment, reuse && (segment != _tail || !_producing));
            segment = next;
        }

        _head = _end = _tail = null;
        _headOffset = _endOffset = 0;
        _producing = false;
        Length = 0;
        Uncommitted = 0;
    }

    private void Link(ByteSegment segment)
    {
        if (_tail is null)
        {
            _head = segment;
            _headOffset = 0;
        }
        else
        {
            _tail.Link(segment);
        }

        _tail = segment;
    }
}
