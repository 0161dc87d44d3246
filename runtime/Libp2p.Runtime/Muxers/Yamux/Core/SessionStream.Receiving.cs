namespace Libp2p.Muxers.Yamux;

/// <content>
/// What the remote sends, bounded by the receive window. What the application consumes is credited, what it only examines is not.
/// A reader that has examined everything, consumes nothing and asks for more wants a message that is larger than the window: then
/// the window grows. It could not be told from a deadlock otherwise.
/// </content>
internal partial class SessionStream
{
    private ReceiveWindow _receiveWindow = new(session.Options.InitialWindow);
    private bool _isCreditDue;
    private bool _isTruncated; // the application did not get to see all that came, so no end in order follows

    /// <summary>What the remote may send.</summary>
    public ref readonly ReceiveWindow ReceiveWindow => ref _receiveWindow;

    /// <summary>Bytes that wait for the application.</summary>
    public long Buffered { get; private set; }

    /// <summary>Bytes received in all, of frames that have begun.</summary>
    public long Received { get; private set; }

    /// <summary>Whether a read waits.</summary>
    public bool IsReaderWaiting { get; private set; }

    /// <summary>Whether the next read is to end without bytes.</summary>
    public bool IsReadCancelled { get; private set; }

    /// <summary>The application looks at the buffer.</summary>
    public bool IsLent { get; private set; }

    /// <summary>The driver writes to the buffer, outside the lock.</summary>
    public bool IsKeeping { get; private set; }

    /// <summary>The buffer is not used any more.</summary>
    public bool IsReceiveDropped { get; private set; }

    /// <summary>The application went away without advancing: its memory is not used again.</summary>
    public bool IsAbandoned { get; private set; }

    /// <summary>By how much the window was made larger.</summary>
    public int Growth => _receiveWindow.Size - session.Options.InitialWindow;

    /// <summary>Whether the body of the frame that began is to be kept.</summary>
    public bool WantsBody => !_state.IsOver && !_state.ReadClosed;

    /// <summary>Whether a read that would wait needs a larger window first.</summary>
    public bool IsClogged => IsCreditWanted && Buffered > 0 && _receiveWindow.Left <= _receiveWindow.Size / 4;

    private long Examined { get; set; } // of what is buffered

    private bool IsCreditWanted => !_isCreditDue && !_state.FinReceived && !_state.IsOver;

    /// <summary>A Data frame with a body begins.</summary>
    /// <exception cref="ProtocolViolationException">It overruns the window.</exception>
    public void OnData(uint length, long now)
    {
        if (_state.IsOver)
        {
            return;
        }

        if (!_receiveWindow.TryReceive(length, now))
        {
            Violation.WindowOverrun(StreamId, length, (uint)_receiveWindow.Left);
        }

        Received += length;
        if (_state.FinReceived)
        {
            EndNow(
                new EndReason(EndedBy.Violation, ErrorCode.ProtocolViolation, $"{length} bytes after the remote's FIN"),
                StreamFailure.Reset,
                now,
                tellsRemote: true);
        }
        else if (_state.ReadClosed)
        {
            _receiveWindow.Consume((int)length); // it is read and dropped
            Credit(now);
        }
    }

    /// <summary>The driver begins to write a piece of a body to the buffer.</summary>
    public void BeginKeeping() => IsKeeping = true;

    /// <summary>The driver has written a piece of a body to the buffer: the application may read it.</summary>
    public void Kept(int bytes, long now)
    {
        IsKeeping = false;
        Buffered += bytes;
        if (IsReceiveDropped)
        {
            DropReceived(now);
        }
        else if (Buffered > Examined)
        {
            WakeReader();
        }
    }

    /// <summary>The remote ended its direction; false when that was known.</summary>
    public bool OnFin(long now)
    {
        if (!_state.TryReceiveFin())
        {
            return false;
        }

        WakeReader();
        if (_state.IsOver)
        {
            EndInOrder(s_closedByRemote, now);
        }

        return true;
    }

    /// <summary>What a read finds now.</summary>
    public WaitOutcome AskToRead()
    {
        if (IsLent || IsReaderWaiting)
        {
            return WaitOutcome.Busy;
        }

        bool hasNew = Buffered > Examined;
        return _state.ReadClosed || hasNew ? WaitOutcome.Ready
            : Failure == StreamFailure.Reset ? WaitOutcome.WasReset
            : IsReadCancelled || (_state.FinReceived && !_isTruncated) ? WaitOutcome.Ready
            : Failure == StreamFailure.ConnectionEnded ? WaitOutcome.ConnectionEnded
            : WaitOutcome.Wait;
    }

    /// <summary>A read ends: lends the buffer if there is something in it; whether the read was cancelled.</summary>
    public bool Lend()
    {
        bool isCancelled = IsReadCancelled;
        IsReadCancelled = false;
        IsLent = Buffered > 0 && !_state.ReadClosed;
        return isCancelled;
    }

    /// <summary>A read waits. What the remote needs in order to answer is not held back any longer.</summary>
    public void WaitToRead()
    {
        IsReaderWaiting = true;
        session.SendHeldBack();
    }

    /// <summary>A read that waits is given up; false when it does not wait any more.</summary>
    public bool TryStopReading()
    {
        bool waited = IsReaderWaiting;
        IsReaderWaiting = false;
        return waited;
    }

    /// <summary>The read that waits, or the next one, ends without bytes.</summary>
    public void CancelRead()
    {
        IsReadCancelled = true;
        WakeReader();
    }

    /// <summary>The application is done with some bytes. By how much the window should grow: asked of memory, then <see cref="GrowOrCredit"/>.</summary>
    /// <param name="consumed">Bytes it needs no more.</param>
    /// <param name="examined">Bytes it looked at, those included.</param>
    /// <param name="now">The time.</param>
    public int Consume(long consumed, long examined, long now)
    {
        IsLent = false;
        Buffered -= consumed;
        Examined = examined - consumed;
        _receiveWindow.Consume((int)consumed);
        if (IsReceiveDropped)
        {
            DropReceived(now);
            return 0;
        }

        if (!IsCreditWanted || !_receiveWindow.IsCreditDue)
        {
            return 0;
        }

        session.MeasureRoundTrip(now);
        int growth = _receiveWindow.WantedGrowth(now, session.RoundTrip, session.Options.MaxWindow);
        if (growth == 0)
        {
            QueueCredit(now);
        }

        return growth;
    }

    /// <summary>The application looks at nothing any more.</summary>
    public void StopLending(long now)
    {
        IsLent = false;
        if (IsReceiveDropped)
        {
            DropReceived(now);
        }
    }

    /// <summary>By how much a clogged window should grow.</summary>
    public int WantedForClog() => Math.Min(_receiveWindow.Size, session.Options.MaxWindow - _receiveWindow.Size);

    /// <summary>Makes the window larger by what memory granted, or gives what is owed; false when the stream needs neither any more.</summary>
    public bool GrowOrCredit(int granted, long now)
    {
        if (!IsCreditWanted)
        {
            return false;
        }

        _receiveWindow.Grow(granted);
        if (_receiveWindow.Owed > 0)
        {
            QueueCredit(now);
        }
        else if (_receiveWindow.Left == 0)
        {
            EndForLimit($"The reader wants more than {_receiveWindow.Size} bytes at once, and the window cannot grow", now);
        }

        return true;
    }

    private void WakeReader() => Add(TryStopReading() ? StreamEffects.WakeReader : StreamEffects.None);

    /// <summary>Drops what came and what will come, as soon as neither application nor driver uses the buffer.</summary>
    private void DropReceived(long now)
    {
        IsReceiveDropped = true;
        if (IsLent || IsKeeping)
        {
            return;
        }

        _isTruncated |= Buffered > 0;
        _receiveWindow.Consume((int)Buffered);
        Buffered = Examined = 0;
        Add(StreamEffects.ClearReceived);
        Credit(now);
    }

    private void Credit(long now)
    {
        if (!IsCreditWanted || !_receiveWindow.IsCreditDue)
        {
            return;
        }

        if (_state.IsLingering)
        {
            session.LingerStuck(this, now);
        }
        else
        {
            QueueCredit(now);
        }
    }

    private void QueueCredit(long now)
    {
        _isCreditDue = true;
        QueueControl(now);
    }
}
