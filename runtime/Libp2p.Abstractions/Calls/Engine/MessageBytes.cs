using System.Buffers;
using System.Numerics;

namespace Libp2p;

/// <summary>
/// The bytes of one message in pooled pieces. Each piece is counted before it is rented, and there are no more pieces than bytes have
/// come: a length that was only promised holds nothing.
/// </summary>
internal sealed class MessageBytes(MessageMemory memory) : IBufferWriter<byte>
{
    /// <summary>Bytes of the largest piece, unless one piece is asked for.</summary>
    public const int MaxPiece = 64 * 1024;

    private const int MinPiece = 4 * 1024;

    private Piece? _first;
    private Piece? _last;
    private long _counted;

    /// <summary>Bytes in it.</summary>
    public long Length { get; private set; }

    /// <summary>What is in it, until <see cref="Clear"/>.</summary>
    public ReadOnlySequence<byte> Sequence =>
        _first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(_first, 0, _last!, _last!.Memory.Length);

    /// <summary>Adds bytes that have come.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="expected">How many are still to come in all, these included, as far as that is known.</param>
    /// <param name="inOnePiece">Whether these are all, and are wanted in one piece.</param>
    /// <exception cref="LimitExceededException">There is no memory for them.</exception>
    public void Append(in ReadOnlySequence<byte> bytes, long expected, bool inOnePiece)
    {
        int largest = inOnePiece ? int.MaxValue : MaxPiece;
        long due = Math.Max(expected, bytes.Length);
        foreach (ReadOnlyMemory<byte> memory in bytes)
        {
            for (ReadOnlySpan<byte> rest = memory.Span; !rest.IsEmpty;)
            {
                if (_last is null || _last.Room == 0)
                {
                    Add((int)Math.Min(due, largest));
                }

                int count = _last!.Fill(rest);
                Length += count;
                due -= count;
                rest = rest[count..];
            }
        }
    }

    /// <summary>Makes one piece of what is in it.</summary>
    public void Gather()
    {
        if (_first == _last)
        {
            return;
        }

        MessageBytes whole = new(memory);
        whole.Append(Sequence, Length, inOnePiece: true);
        Clear();
        (_first, _last, _counted, Length) = (whole._first, whole._last, whole._counted, whole.Length);
    }

    /// <summary>Gives the pieces back.</summary>
    /// <param name="kept">Bytes that stay counted, and are the caller's to give back.</param>
    public void Clear(long kept = 0)
    {
        for (Piece? piece = _first; piece is not null; piece = piece.Following)
        {
            ArrayPool<byte>.Shared.Return(piece.Array);
        }

        memory.Return(_counted - kept);
        _first = _last = null;
        _counted = 0;
        Length = 0;
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        _last?.Advance(count); // nothing was lent yet where the count is 0
        Length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_last is null || _last.Room < Math.Max(sizeHint, 1))
        {
            Add(Math.Max(sizeHint, MaxPiece));
        }

        return _last!.Free;
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    private void Add(int size)
    {
        int rented = (int)Math.Min(BitOperations.RoundUpToPowerOf2((uint)Math.Max(size, MinPiece)), (uint)Array.MaxLength); // as the pool does
        memory.Take(rented, "a message");
        _counted += rented;
        Piece piece = new(ArrayPool<byte>.Shared.Rent(rented), Length);
        _first ??= piece;
        _last?.Link(piece);
        _last = piece;
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(byte[] array, long index)
        {
            Array = array;
            RunningIndex = index;
        }

        public byte[] Array { get; }

        public Piece? Following { get; private set; }

        public int Room => Array.Length - Memory.Length;

        public Memory<byte> Free => Array.AsMemory(Memory.Length);

        public int Fill(ReadOnlySpan<byte> bytes)
        {
            int count = Math.Min(bytes.Length, Room);
            bytes[..count].CopyTo(Array.AsSpan(Memory.Length));
            Advance(count);
            return count;
        }

        public void Advance(int count) => Memory = Array.AsMemory(0, Memory.Length + count);

        public void Link(Piece next) => Next = Following = next;
    }
}
