using System.Buffers;

namespace Libp2p.Buffers;

/// <summary>
/// Bytes that were produced and not yet consumed, in pooled arrays: the inside of a <see cref="System.IO.Pipelines.PipeReader"/> that
/// makes its bytes itself. Holds no array while it is empty; allocates nothing in the steady state. Not thread-safe.
/// </summary>
internal sealed class PooledByteQueue
{
    private const int MaxArray = 64 * 1024;
    private const int MaxSpareSegments = 8;

    private readonly Segment?[] _spare = new Segment?[MaxSpareSegments];
    private int _spareCount;
    private Segment? _head;
    private Segment? _tail;
    private long _start;    // positions count from the first byte ever
    private long _examined;
    private long _end;

    /// <summary>Whether there are bytes that the reader has not seen, or has not called insufficient.</summary>
    public bool HasUnexamined => _end > _examined;

    /// <summary>Whether an array is held.</summary>
    public bool HoldsMemory => _head is not null;

    /// <summary>All that is held; valid until the next call of <see cref="AdvanceTo"/> or <see cref="Clear"/>.</summary>
    public ReadOnlySequence<byte> Bytes => _head is null
        ? ReadOnlySequence<byte>.Empty
        : new ReadOnlySequence<byte>(_head, (int)(_start - _head.RunningIndex), _tail!, _tail!.Length);

    /// <summary>Room for bytes that lie together. What is written counts from <see cref="Append"/> on.</summary>
    /// <param name="size">Bytes that must fit.</param>
    /// <param name="expected">Bytes that will be appended in all, as far as known: they share an array where they can.</param>
    public Span<byte> GetRoom(int size, long expected)
    {
        if (_tail is null || _tail.Room < size)
        {
            Segment segment = _spareCount > 0 ? _spare[--_spareCount]! : new Segment();
            segment.Rent((int)Math.Max(size, Math.Min(expected, MaxArray)), _end, _tail);
            _head ??= segment;
            _tail = segment;
        }

        return _tail.GetRoom(size);
    }

    /// <summary>Appends what was written to the room.</summary>
    public void Append(int count)
    {
        _tail!.Append(count);
        _end += count;
    }

    /// <summary>Gives back what the reader has consumed, and notes what it has examined.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The positions are not within <see cref="Bytes"/>, or not in order.</exception>
    public void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_head is null)
        {
            return; // an empty sequence has no positions of ours
        }

        long to = Position(consumed);
        long seen = Position(examined);

        if (to < _start || seen < to || seen > _end)
        {
            throw new ArgumentOutOfRangeException(nameof(consumed), "The positions are not within the last result, or not in order.");
        }

        _start = to;
        _examined = seen;

        while (_head is not null && _head.RunningIndex + _head.Length <= to)
        {
            RemoveHead();
        }
    }

    /// <summary>Drops all bytes.</summary>
    /// <param name="recycle">False when a reader may still be looking at them: they are then left to the garbage collector.</param>
    public void Clear(bool recycle)
    {
        while (recycle && _head is not null)
        {
            RemoveHead();
        }

        _head = _tail = null;
        _start = _examined = _end;
    }

    private static long Position(SequencePosition position) => position.GetObject() is Segment segment
        ? segment.RunningIndex + position.GetInteger()
        : throw new ArgumentOutOfRangeException(nameof(position), "The position is of another reader's result.");

    private void RemoveHead()
    {
        Segment head = _head!;
        _head = head.NextSegment;
        _tail = _head is null ? null : _tail;
        head.ReturnArray();

        if (_spareCount < _spare.Length)
        {
            _spare[_spareCount++] = head;
        }
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        private byte[] _array = [];

        public int Length => Memory.Length;

        public int Room => _array.Length - Length;

        public Segment? NextSegment => (Segment?)Next;

        public void Rent(int size, long position, Segment? previous)
        {
            _array = ArrayPool<byte>.Shared.Rent(size);
            Memory = _array.AsMemory(0, 0);
            RunningIndex = position;

            if (previous is not null)
            {
                previous.Next = this;
            }
        }

        public Span<byte> GetRoom(int size) => _array.AsSpan(Length, size);

        public void Append(int count) => Memory = _array.AsMemory(0, Length + count);

        public void ReturnArray()
        {
            ArrayPool<byte>.Shared.Return(_array);
            _array = [];
            Memory = default;
            Next = null;
            RunningIndex = 0;
        }
    }
}
