namespace Libp2p.Muxers.Yamux;

/// <content>What a stream has to tell the remote, and how the session's writer writes it.</content>
internal sealed partial class YamuxStream
{
    private bool _isSynDue;
    private bool _isAckDue;
    private bool _isCreditDue;
    private bool _isControlQueued;
    private bool _isDataQueued;
    private bool _isTaken; // by the application

    /// <summary>Under the lock: the RST is still to be sent. What was flushed and the remote takes goes first.</summary>
    public bool IsResetDue { get; private set; }

    /// <summary>The application took the stream: the remote is told.</summary>
    public void Accept()
    {
        StreamEffects effects;
        lock (Gate)
        {
            _isTaken = true;
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
