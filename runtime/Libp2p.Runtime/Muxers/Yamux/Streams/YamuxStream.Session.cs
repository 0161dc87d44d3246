using Libp2p.Connections;

namespace Libp2p.Muxers.Yamux;

/// <content>What the session's reader and writer do with a stream.</content>
internal sealed partial class YamuxStream
{
    private bool _isSynDue;
    private bool _isAckDue;
    private bool _isCreditDue;
    private bool _isControlQueued;
    private bool _isDataQueued;
    private bool _isAcknowledged;

    /// <summary>Under the lock: the RST is still to be sent.</summary>
    public bool IsResetDue { get; private set; }

    /// <summary>A Data frame with a body begins; whether the body is wanted, between here and <see cref="EndBody"/>.</summary>
    /// <exception cref="ProtocolViolationException">It overruns the window.</exception>
    public bool BeginBody(uint length)
    {
        StreamEffects effects;
        lock (Gate)
        {
            if (_state.IsOver)
            {
                return false;
            }

            if (!_receive.TryReceive(length))
            {
                Violation.WindowOverrun(StreamId, length, (uint)_receive.Window.Left);
            }

            if (_state.FinReceived)
            {
                effects = EndNow(
                    new EndReason(EndedBy.Violation, ErrorCode.ProtocolViolation, $"{length} bytes after the remote's FIN"),
                    Failure.Reset,
                    tellRemote: true);
            }
            else if (_state.ReadClosed)
            {
                effects = _receive.Skip(length);
            }
            else
            {
                _receive.BeginAppend();
                return true;
            }
        }

        Run(effects);
        return false;
    }

    /// <summary>A wanted body goes on after <see cref="EndBody"/>; whether it still is wanted.</summary>
    public bool ResumeBody()
    {
        lock (Gate)
        {
            if (_state.IsOver || _state.ReadClosed)
            {
                return false;
            }

            _receive.BeginAppend();
            return true;
        }
    }

    /// <summary>A piece of a wanted body; whether the rest is wanted.</summary>
    public bool AppendBody(ReadOnlySpan<byte> bytes)
    {
        if (_receive.TryAppend(bytes))
        {
            return true;
        }

        EndBody();
        StreamEffects effects;
        lock (Gate)
        {
            effects = EndForLimit("There is no memory for what the remote sends");
        }

        Run(effects);
        return false;
    }

    /// <summary>What came of a wanted body is shown to the application.</summary>
    public void EndBody()
    {
        StreamEffects effects;
        lock (Gate)
        {
            effects = _receive.EndAppend();
        }

        Run(effects);
    }

    /// <summary>The remote acknowledged the stream; false when that was known, or not asked for.</summary>
    public bool OnAck()
    {
        StreamEffects effects;
        lock (Gate)
        {
            effects = Acknowledge();
        }

        Run(effects);
        return effects != StreamEffects.None;
    }

    /// <summary>The remote gave credit.</summary>
    /// <exception cref="ProtocolViolationException">It overflows.</exception>
    public void OnCredit(uint credit)
    {
        StreamEffects effects;
        lock (Gate)
        {
            if (!_send.TryGrant(credit))
            {
                Violation.WindowOverflow(StreamId, _send.Window, credit);
            }

            effects = QueueData() | _send.FreedIfTaken();
        }

        Run(effects);
    }

    /// <summary>The remote ended its direction; false when that was known.</summary>
    public bool OnFin()
    {
        StreamEffects effects;
        lock (Gate)
        {
            if (!_state.TryReceiveFin())
            {
                return false;
            }

            effects = _receive.Arrived();
            if (_state.IsOver)
            {
                _end = s_closedByRemote;
                effects |= StreamEffects.Leave | Acknowledge();
            }
        }

        Run(effects);
        return true;
    }

    /// <summary>The remote reset the stream.</summary>
    public void OnReset(uint code)
    {
        StreamEffects effects;
        lock (Gate)
        {
            effects = EndNow(
                new EndReason(EndedBy.Remote, new ErrorCode(code), "The remote reset the stream"), Failure.Reset, tellRemote: false, keepsReceived: true);
        }

        Run(effects);
    }

    /// <summary>The connection ended.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="sendsQueued">What was flushed is still being sent.</param>
    /// <param name="keepsReceived">The application may read what has come.</param>
    public void OnConnectionEnd(EndReason reason, bool sendsQueued, bool keepsReceived)
    {
        StreamEffects effects;
        lock (Gate)
        {
            effects = EndNow(reason, Failure.ConnectionEnded, tellRemote: false, sendsQueued, keepsReceived);
        }

        Run(effects);
    }

    /// <summary>The session's writer has gone: what is queued will not be sent.</summary>
    public void DropQueued()
    {
        lock (Gate)
        {
            _send.Drop();
        }
    }

    /// <summary>The remote took too long over a stream that we have finished with.</summary>
    public void OnLingerTimeout()
    {
        StreamEffects effects;
        lock (Gate)
        {
            effects = EndNow(
                new EndReason(EndedBy.Limit, _readCode, "The remote kept the stream open for too long after we closed it"),
                Failure.Reset,
                tellRemote: true);
        }

        Run(effects);
    }

    /// <summary>The application took the stream: the remote is told.</summary>
    public void Accept()
    {
        StreamEffects effects;
        lock (Gate)
        {
            _isAckDue = true;
            effects = _failure != Failure.None ? StreamEffects.None : QueueControl();
        }

        Run(effects);
    }

    /// <summary>For the session's writer: writes SYN or ACK, credit, or RST.</summary>
    public void WriteControl(ref FrameSpan frames)
    {
        FrameHeader? frame;
        lock (Gate)
        {
            frame = TakeControl();
        }

        if (frame is { } header)
        {
            frames.WriteHeader(header);
        }
    }

    /// <summary>For the session's writer: writes one frame of data, and the FIN when it is next.</summary>
    public void WriteData(ref FrameSpan frames, int maxBody)
    {
        int length;
        FrameHeader? control;
        lock (Gate)
        {
            _isDataQueued = false;
            control = _isSynDue ? TakeControl() : null; // the SYN comes before the data, whichever round got here first
            length = _send.BeginSend(maxBody);
        }

        if (control is { } header)
        {
            frames.WriteHeader(header);
        }

        if (length > 0)
        {
            frames.WriteHeader(new FrameHeader(FrameType.Data, FrameFlags.None, StreamId, (uint)length));
            _send.Copy(ref frames);
        }

        bool isFinNext;
        StreamEffects effects = StreamEffects.None;
        lock (Gate)
        {
            effects = length > 0 ? _send.EndSend() : StreamEffects.None;
            isFinNext = _send.IsFinNext;
            if (isFinNext && _state.FinWritten())
            {
                _end = s_closedByUs;
                effects |= StreamEffects.Leave | Acknowledge();
            }

            effects |= QueueData();
            if (IsResetDue && !_send.HasSendableBytes)
            {
                effects |= QueueControl(); // with the next batch: a reader has a chance to see the data before the reset takes it
            }
        }

        if (isFinNext)
        {
            frames.WriteHeader(new FrameHeader(FrameType.WindowUpdate, FrameFlags.Fin, StreamId, 0));
        }

        Run(effects);
    }

    /// <summary>Under the lock: has the session's writer come for data, if there is some.</summary>
    public StreamEffects QueueData()
    {
        if (_isDataQueued || !_send.IsSendable)
        {
            return StreamEffects.None;
        }

        _isDataQueued = true;
        return _connection.Outbox.AddData(this) ? StreamEffects.WakeOutbox : StreamEffects.None;
    }

    /// <summary>Under the lock: has credit sent.</summary>
    public StreamEffects QueueCredit()
    {
        _isCreditDue = true;
        return QueueControl();
    }

    /// <summary>Under the lock: a bound of ours ends the stream.</summary>
    public StreamEffects EndForLimit(string reason) => EndNow(
        new EndReason(EndedBy.Limit, ErrorCode.ResourceLimitExceeded, reason), Failure.Reset, tellRemote: true);

    /// <summary>Does, outside the lock, what follows from a change.</summary>
    public void Run(StreamEffects effects)
    {
        if (effects == StreamEffects.None)
        {
            return;
        }

        if ((effects & StreamEffects.WakeReader) != 0)
        {
            _receive.Wake();
        }

        if ((effects & StreamEffects.WakeWriter) != 0)
        {
            _send.Wake();
        }

        if ((effects & StreamEffects.WakeOutbox) != 0)
        {
            _connection.Outbox.Wake();
        }

        if ((effects & StreamEffects.Acknowledged) != 0)
        {
            _connection.OnAcknowledged();
        }

        if ((effects & StreamEffects.Linger) != 0)
        {
            _connection.Linger(this);
        }

        if ((effects & StreamEffects.Stuck) != 0)
        {
            _connection.LingerStuck(this);
        }

        if ((effects & StreamEffects.Leave) != 0)
        {
            _connection.Leave(this, _receive.Growth);
        }

        if ((effects & StreamEffects.Abort) != 0)
        {
            _connection.Cancel(_aborted!);
        }
    }

    private StreamEffects EndNow(
        EndReason reason, Failure failure, bool tellRemote, bool sendsQueued = false, bool keepsReceived = false)
    {
        if (!_state.TryEnd())
        {
            return StreamEffects.None;
        }

        _end = reason;
        _failure = failure;
        StreamEffects effects = StreamEffects.Leave | _receive.Arrived() | _send.Freed() | Acknowledge();
        bool flushedGoesFirst = tellRemote && reason.By == EndedBy.Local && _send.HasSendableBytes;
        if (!sendsQueued && !flushedGoesFirst)
        {
            _send.Drop();
        }

        if (!keepsReceived)
        {
            effects |= _receive.Drop();
        }

        if (tellRemote)
        {
            IsResetDue = true;
            effects |= flushedGoesFirst ? QueueData() : QueueControl();
        }

        return _aborted is null ? effects : effects | StreamEffects.Abort;
    }

    private StreamEffects Acknowledge()
    {
        bool first = Direction == Direction.Outbound && !_isAcknowledged;
        _isAcknowledged = true;
        return first ? StreamEffects.Acknowledged : StreamEffects.None;
    }

    private StreamEffects LingerIfFinished() => _state.IsLingering ? StreamEffects.Linger : StreamEffects.None;

    private StreamEffects QueueControl()
    {
        if (_isControlQueued)
        {
            return StreamEffects.None;
        }

        _isControlQueued = true;
        return _connection.Outbox.AddControl(this) ? StreamEffects.WakeOutbox : StreamEffects.None;
    }

    private FrameHeader? TakeControl()
    {
        _isControlQueued = false;
        if (IsResetDue && !_send.HasSendableBytes)
        {
            IsResetDue = false;
            _send.Drop();
            bool isKnown = !_isSynDue; // a stream that was reset before its SYN left never existed for the remote
            _isSynDue = false;
            return isKnown ? new FrameHeader(FrameType.WindowUpdate, FrameFlags.Rst, StreamId, _end!.Code.Value) : null;
        }

        if (_state.IsOver && _failure == Failure.Reset && !IsResetDue)
        {
            return null;
        }

        FrameFlags flags = (_isSynDue ? FrameFlags.Syn : 0) | (_isAckDue ? FrameFlags.Ack : 0);
        uint credit = flags == 0 ? 0 : (uint)(_connection.Options.InitialWindow - YamuxOptions.ProtocolWindow);
        if (_isCreditDue)
        {
            credit += _receive.TakeCredit(_connection.Time.GetTimestamp());
        }

        _isSynDue = _isAckDue = _isCreditDue = false;
        return flags == 0 && credit == 0 ? null : new FrameHeader(FrameType.WindowUpdate, flags, StreamId, credit);
    }
}
