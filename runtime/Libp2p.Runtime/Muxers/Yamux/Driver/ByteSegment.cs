using System.Buffers;

namespace Libp2p.Muxers.Yamux;

/// <summary>A rented array in a <see cref="ByteQueue"/>.</summary>
internal sealed class ByteSegment : ReadOnlySequenceSegment<byte>
{
    private byte[] _array = [];

    /// <summary>Bytes written to it.</summary>
    public int Written { get; private set; }

    /// <summary>What the account was charged for it.</summary>
    public int Charged { get; private set; }

    /// <summary>Whether it holds the application's bytes, or the remote's.</summary>
    public bool IsOurs { get; private set; }

    /// <summary>Room for further bytes.</summary>
    public int Room => _array.Length - Written;

    /// <summary>The next segment, or null for the last.</summary>
    public ByteSegment? Following => (ByteSegment?)Next;

    /// <summary>The room, to write into.</summary>
    public Memory<byte> Free => _array.AsMemory(Written);

    public ReadOnlySpan<byte> Slice(int start, int length) => _array.AsSpan(start, length);

    public void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)Room, nameof(bytes));
        Written += bytes;
    }

    /// <summary>Fills from the bytes; how many went in.</summary>
    public int Fill(ReadOnlySpan<byte> bytes)
    {
        int length = Math.Min(bytes.Length, Room);
        bytes[..length].CopyTo(_array.AsSpan(Written));
        Written += length;
        return length;
    }

    /// <summary>Puts another segment behind this one, which is full from now on.</summary>
    public void Link(ByteSegment next)
    {
        Memory = _array.AsMemory(0, Written);
        next.RunningIndex = RunningIndex + Written;
        Next = next;
    }

    /// <summary>Takes an array.</summary>
    public void Open(byte[] array, int charged, bool isOurs)
    {
        _array = array;
        Memory = array;
        Charged = charged;
        IsOurs = isOurs;
        Written = 0;
        RunningIndex = 0;
    }

    /// <summary>Gives the array up; the segment may be opened again.</summary>
    /// <param name="spare">What it is now linked to.</param>
    public byte[] Close(ByteSegment? spare)
    {
        byte[] array = _array;
        _array = [];
        Memory = default;
        Next = spare;
        return array;
    }
}
