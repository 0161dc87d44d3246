using Libp2p.Connections;

namespace Libp2p.Muxers.Yamux;

/// <content>What is sent: data within the remote's window, and the control frames of the stream.</content>
internal partial class SessionStream
{
    /// <summary>The first flush of a stream that the remote opened may be held back when it is no longer: it is the answer to a proposal.</summary>
    private const int SmallAnswer = 1024;

    private SendWindow _sendWindow = new(YamuxOptions.ProtocolWindow);
    private bool _isControlQueued;
    private bool _isDataQueued;
    private bool _hasFlushed;
    private bool _waitsForEmpty; // short of memory: a flush waits until nothing is queued

    /// <summary>Bytes that the remote takes now.</summary>
    public uint SendWindow => _sendWindow.Available;

    /// <summary>Flushed bytes that no frame was planned for.</summary>
    public long Queued { get; private set; }

    /// <summary>Bytes sent in all.</summary>
    public long Sent { get; private set; }

    /// <summary>Whether a flush waits.</summary>
    public bool IsWriterWaiting { get; private set; }

    /// <summary>Whether the next flush is to end at once.</summary>
    public bool IsFlushCancelled { get; private set; }

    /// <summary>The driver copies planned bytes from the buffer, outside the lock.</summary>
    public bool IsCopying { get; private set; }

    /// <summary>Nothing is sent any more.</summary>
    public bool IsSendDropped { get; private set; }

    /// <summary>The SYN is still to be sent.</summary>
    public bool IsSynDue { get; private set; } = direction == Direction.Outbound;

    /// <summary>The ACK is still to be sent.</summary>
    public bool IsAckDue { get; private set; }

    /// <summary>The RST is still to be sent. What was flushed and the remote takes goes first.</summary>
    public bool IsResetDue { get; private set; }

    private bool HasSendableBytes => !IsSendDropped && Queued > 0 && _sendWindow.Available > 0;

    private bool IsFinNext => !IsSendDropped && Queued == 0 && _state.IsFinDue && !IsResetDue;

    /// <summary>The application flushed bytes.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="waitsForEmpty">The flush waits until all were sent: there is no memory for more.</param>
    /// <param name="now">The time.</param>
    public void Flush(int bytes, bool waitsForEmpty, long now)
    {
        bool isAnswer = Direction == Direction.Inbound && !_hasFlushed && bytes <= SmallAnswer;
        _hasFlushed |= bytes > 0;
        _waitsForEmpty = waitsForEmpty;
        Queued += bytes;
        QueueData(now, isAnswer);
    }

    /// <summary>What a flush finds now.</summary>
    public WaitOutcome AskToFlush() =>
        IsWriterWaiting ? WaitOutcome.Busy
        : Failure == StreamFailure.Reset ? WaitOutcome.WasReset
        : Failure == StreamFailure.ConnectionEnded ? WaitOutcome.ConnectionEnded
        : IsFlushCancelled || Fits(session.Options.SendQueue) ? WaitOutcome.Ready
        : WaitOutcome.Wait;

    /// <summary>A flush ends; whether it was cancelled.</summary>
    public bool EndFlush()
    {
        bool isCancelled = IsFlushCancelled;
        IsFlushCancelled = false;
        return isCancelled;
    }

    /// <summary>A flush waits.</summary>
    public void WaitToFlush() => IsWriterWaiting = true;

    /// <summary>A flush that waits is given up; false when it does not wait any more.</summary>
    public bool TryStopFlushing()
    {
        bool waited = IsWriterWaiting;
        IsWriterWaiting = false;
        return waited;
    }

    /// <summary>The flush that waits, or the next one, ends at once.</summary>
    public void CancelFlush()
    {
        IsFlushCancelled = true;
        WakeWriter();
    }

    /// <summary>The remote gave credit.</summary>
    /// <exception cref="ProtocolViolationException">It overflows.</exception>
    public void OnCredit(uint credit, long now)
    {
        if (!_sendWindow.TryGrant(credit))
        {
            Violation.WindowOverflow(StreamId, _sendWindow.Available, credit);
        }

        QueueData(now);
        WakeWriterIfTaken();
    }

    /// <summary>Plans SYN or ACK, credit, or RST.</summary>
    public void PlanControl(List<PlannedFrame> batch, long now)
    {
        _isControlQueued = false;
        FrameHeader? header = TakeControl(now);
        if (header is { } frame)
        {
            batch.Add(new PlannedFrame(frame));
        }

        ReleaseIfGone();
    }

    /// <summary>Plans one frame of data, and the FIN when it is next; the number of body bytes.</summary>
    public int PlanData(List<PlannedFrame> batch, int maxBody, long now)
    {
        _isDataQueued = false;
        if (IsSynDue && TakeControl(now) is { } control)
        {
            batch.Add(new PlannedFrame(control)); // the SYN comes before the data, whichever round got here first
        }

        int length = IsSendDropped ? 0 : (int)Math.Min(Math.Min(Queued, _sendWindow.Available), maxBody);
        if (length > 0)
        {
            _sendWindow.Take(length);
            Queued -= length;
            Sent += length;
            IsCopying = true;
            batch.Add(new PlannedFrame(new FrameHeader(FrameType.Data, FrameFlags.None, StreamId, (uint)length), this));
        }

        if (IsFinNext)
        {
            batch.Add(new PlannedFrame(new FrameHeader(FrameType.WindowUpdate, FrameFlags.Fin, StreamId, 0)));
            if (_state.FinWritten())
            {
                EndInOrder(s_closedByUs, now);
            }
        }

        QueueData(now);
        if (IsResetDue && !HasSendableBytes)
        {
            QueueControl(now); // with the next batch: a reader has a chance to see the data before the reset takes it
        }

        ReleaseIfGone();
        return length;
    }

    /// <summary>The driver has copied the planned bytes.</summary>
    public void Copied()
    {
        IsCopying = false;
        if (IsSendDropped)
        {
            DropQueued();
        }

        WakeWriterIfTaken();
    }

    /// <summary>Drops what is queued, as soon as the driver does not copy it.</summary>
    public void DropQueued()
    {
        IsSendDropped = true;
        Queued = 0;
        Add(IsCopying ? StreamEffects.None : StreamEffects.ClearQueued);
    }

    private bool Fits(int limit) => _waitsForEmpty ? Queued == 0 && !IsCopying : Queued <= limit && Queued <= _sendWindow.Available;

    private void WakeWriter() => Add(TryStopFlushing() ? StreamEffects.WakeWriter : StreamEffects.None);

    private void WakeWriterIfTaken()
    {
        if (IsWriterWaiting && Fits(session.Options.SendQueue / 2))
        {
            WakeWriter();
        }
    }

    private void QueueData(long now, bool isAnswer = false)
    {
        if (HasSendableBytes || IsFinNext)
        {
            if (!_isDataQueued)
            {
                _isDataQueued = true;
                session.AddData(this);
            }

            Ask(now, isAnswer ? YamuxSession.AnswerHold : null);
        }
    }

    private void QueueControl(long now, bool mayWait = false)
    {
        if (!_isControlQueued)
        {
            _isControlQueued = true;
            session.AddControl(this);
        }

        Ask(now, mayWait ? YamuxSession.ControlHold : null);
    }

    private void Ask(long now, TimeSpan? hold)
    {
        if (hold is { } time)
        {
            session.HoldBack(time, now);
        }
        else
        {
            session.AskForWriter();
        }
    }

    /// <summary>Queues the SYN, which waits a moment for what the stream says first.</summary>
    public void QueueSyn(long now) => QueueControl(now, mayWait: true);

    private FrameHeader? TakeControl(long now)
    {
        if (IsResetDue && !HasSendableBytes)
        {
            IsResetDue = false;
            DropQueued();
            bool isKnown = !IsSynDue; // a stream that was reset before its SYN left never existed for the remote
            IsSynDue = false;
            return isKnown ? new FrameHeader(FrameType.WindowUpdate, FrameFlags.Rst, StreamId, EndReason!.Code.Value) : null;
        }

        if (_state.IsOver && Failure == StreamFailure.Reset && !IsResetDue)
        {
            return null;
        }

        FrameFlags flags = (IsSynDue ? FrameFlags.Syn : 0) | (IsAckDue ? FrameFlags.Ack : 0);
        uint credit = flags == 0 ? 0 : (uint)(session.Options.InitialWindow - YamuxOptions.ProtocolWindow);
        if (_isCreditDue)
        {
            credit += _receiveWindow.TakeCredit(now);
        }

        IsSynDue = IsAckDue = _isCreditDue = false;
        return flags == 0 && credit == 0 ? null : new FrameHeader(FrameType.WindowUpdate, flags, StreamId, credit);
    }
}
