namespace Libp2p.Muxers.Yamux;

/// <summary>
/// What we let the remote send on one stream, and when it gets more. Always: <see cref="Left"/> + buffered + <see cref="Owed"/>
/// = <see cref="Size"/>, so what a stream buffers is bounded by its window.
/// </summary>
/// <remarks>
/// Credit is due when half of the window was consumed. When that half went in less than four round trips, the window and not the
/// reader was the brake, and it should double (go-yamux tunes the same way).
/// </remarks>
internal struct ReceiveWindow(int initial)
{
    private const int FastRoundTrips = 4;
    private const long NotBegun = long.MinValue;

    private long _epochStart = NotBegun;

    /// <summary>How much may be on its way or buffered.</summary>
    public int Size { get; private set; } = initial;

    /// <summary>Bytes that the remote may still send.</summary>
    public int Left { get; private set; } = initial;

    /// <summary>Bytes that were consumed, or came by growth, and are not yet credited.</summary>
    public int Owed { get; private set; }

    /// <summary>Whether enough was consumed to tell the remote.</summary>
    public readonly bool IsCreditDue => Owed > 0 && Owed >= Size / 2;

    /// <summary>Counts a frame that begins; false when it is longer than what is left.</summary>
    public bool TryReceive(uint length, long now)
    {
        if (length > (uint)Left)
        {
            return false;
        }

        if (_epochStart == NotBegun)
        {
            _epochStart = now;
        }

        Left -= (int)length;
        return true;
    }

    /// <summary>Counts bytes that the application has done with.</summary>
    public void Consume(int bytes) => Owed += bytes;

    /// <summary>By how much the window should grow, credit being due: by itself when it was the brake, at most to the maximum.</summary>
    /// <param name="now">A timestamp.</param>
    /// <param name="roundTrip">The round trip in timestamp units; 0 while it is unknown, and then nothing grows.</param>
    /// <param name="max">The largest window.</param>
    public readonly int WantedGrowth(long now, long roundTrip, int max) =>
        _epochStart != NotBegun && now - _epochStart < FastRoundTrips * roundTrip ? Math.Min(Size, max - Size) : 0;

    /// <summary>Makes the window larger; the remote learns it with the next credit.</summary>
    public void Grow(int bytes)
    {
        Size += bytes;
        Owed += bytes;
    }

    /// <summary>What the remote is now told; a new epoch begins.</summary>
    public uint TakeCredit(long now)
    {
        int credit = Owed;
        Owed = 0;
        Left += credit;
        _epochStart = now;
        return (uint)credit;
    }
}
