namespace Libp2p.Muxers.Yamux;

/// <content>How a stream ends out of order, and what follows from any change.</content>
internal sealed partial class YamuxStream
{
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
        bool flushedGoesFirst = tellRemote && reason.By != EndedBy.Violation && _send.HasSendableBytes;
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

    private StreamEffects LingerIfFinished() => _state.IsLingering ? StreamEffects.Linger : StreamEffects.None;
}
