namespace Libp2p.Muxers.Yamux;

/// <summary>
/// How far a stream has come. Its two directions end on their own: ours when our FIN was sent, the remote's when its FIN came. It is
/// over when both have, or at once by a reset or the end of the connection.
/// </summary>
/// <remarks>
/// <code>
/// open ── TryCloseWrite ──► write closed ── FinWritten ──► FIN sent ──┐
///   └──── TryReceiveFin ──► FIN received ─────────────────────────────┴──► over      any ── TryEnd ──► over
/// </code>
/// That the application reads no more (<see cref="ReadClosed"/>) is our own affair: Yamux has no frame for it.
/// </remarks>
internal struct YamuxStreamState
{
    private bool _wasClosedInTime; // before the stream was over

    /// <summary>The application writes no more; the FIN follows what it wrote.</summary>
    public bool WriteClosed { get; private set; }

    /// <summary>Our direction has ended.</summary>
    public bool FinSent { get; private set; }

    /// <summary>The remote's direction has ended.</summary>
    public bool FinReceived { get; private set; }

    /// <summary>The application reads no more.</summary>
    public bool ReadClosed { get; private set; }

    /// <summary>Both directions have ended.</summary>
    public bool IsOver { get; private set; }

    /// <summary>
    /// The FIN is to be sent as soon as nothing is queued before it. Not when the stream was over first: what the connection still drains
    /// when it ends is not all that the application would have sent.
    /// </summary>
    public readonly bool IsFinDue => _wasClosedInTime && !FinSent;

    /// <summary>The application has finished with it and the remote has not.</summary>
    public readonly bool IsLingering => WriteClosed && ReadClosed && !IsOver;

    /// <summary>The application writes no more; false when that was known.</summary>
    public bool TryCloseWrite()
    {
        bool first = !WriteClosed && !IsOver;
        WriteClosed = true;
        _wasClosedInTime |= first;
        return first;
    }

    /// <summary>The application reads no more; false when that was known.</summary>
    public bool TryCloseRead()
    {
        bool first = !ReadClosed;
        ReadClosed = true;
        return first;
    }

    /// <summary>Our FIN was written; true when the stream is over with it.</summary>
    public bool FinWritten()
    {
        FinSent = true;
        return FinReceived && TryEnd();
    }

    /// <summary>The remote's FIN came; false when it had come before. Asks <see cref="IsOver"/> next.</summary>
    public bool TryReceiveFin()
    {
        if (FinReceived || IsOver)
        {
            return false;
        }

        FinReceived = true;
        IsOver = FinSent;
        return true;
    }

    /// <summary>Ends both directions at once; false when it was over.</summary>
    public bool TryEnd()
    {
        bool first = !IsOver;
        IsOver = true;
        return first;
    }
}
