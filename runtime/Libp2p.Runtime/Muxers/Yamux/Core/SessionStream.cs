using Libp2p.Connections;

namespace Libp2p.Muxers.Yamux;

/// <summary>
/// One stream as the protocol sees it: state, windows and counts, but no bytes. Its parts: what the application does and how it ends
/// (here), what it receives, what it sends. Not thread-safe: the driver calls everything under the session's lock, and carries out
/// the effects that the session collects.
/// </summary>
/// <param name="session">The session, which owns it while it is in its table.</param>
/// <param name="streamId">The number on the wire.</param>
/// <param name="direction">Which end opened it.</param>
internal partial class SessionStream(YamuxSession session, uint streamId, Direction direction)
{
    private static readonly EndReason s_closedByUs = new(EndedBy.Local, ErrorCode.None, "Both ends closed the stream, we last");
    private static readonly EndReason s_closedByRemote = new(EndedBy.Remote, ErrorCode.None, "Both ends closed the stream, the remote last");

    /// <summary>Its place in a list of the session.</summary>
    public StreamList.Place Place;

    private YamuxStreamState _state;
    private ErrorCode _readCode;
    private bool _isAcknowledged;
    private bool _isReleased;

    /// <summary>The number on the wire.</summary>
    public uint StreamId { get; } = streamId;

    /// <summary>Which end opened it.</summary>
    public Direction Direction { get; } = direction;

    /// <summary>How far it has come.</summary>
    public ref readonly YamuxStreamState State => ref _state;

    /// <summary>Why it is over; null before.</summary>
    public EndReason? EndReason { get; private set; }

    /// <summary>How it failed, if it did.</summary>
    public StreamFailure Failure { get; private set; }

    /// <summary>Whether the application has it. Streams of ours are the application's from the start.</summary>
    public bool IsTaken { get; private set; } = direction == Direction.Outbound;

    /// <summary>Whether it has left the session's table.</summary>
    public bool IsOut { get; set; }

    /// <summary>Whether a token is watched, and has to be cancelled when the stream ends out of order.</summary>
    public bool IsWatched { get; set; }

    /// <summary>The application takes a stream that the remote opened: it is acknowledged.</summary>
    public void Accept(long now)
    {
        IsTaken = true;
        if (Failure == StreamFailure.None)
        {
            IsAckDue = true;
            QueueControl(now, mayWait: true);
        }
    }

    /// <summary>The application writes no more.</summary>
    /// <param name="flushed">Bytes that go with it.</param>
    /// <param name="now">The time.</param>
    public void CloseWrite(int flushed, long now)
    {
        if (_state.TryCloseWrite())
        {
            Queued += flushed;
            QueueData(now);
            LingerIfFinished(now);
        }
    }

    /// <summary>The application reads no more.</summary>
    public void CloseRead(ErrorCode code, long now)
    {
        if (_state.TryCloseRead())
        {
            _readCode = code;
            WakeReader();
            DropReceived(now);
            LingerIfFinished(now);
        }
    }

    /// <summary>The application ends both directions at once.</summary>
    public void Reset(EndReason reason, long now)
    {
        EndNow(reason, StreamFailure.Reset, now, tellsRemote: true);
        if (Failure == StreamFailure.Reset)
        {
            DropReceived(now); // also what came before a reset of the remote
        }
    }

    /// <summary>
    /// The application disposed of it. What it still looks at is not used again, so that an application that breaks the rules sees
    /// its own bytes only.
    /// </summary>
    public void Abandon(long now)
    {
        IsAbandoned |= IsLent;
        IsLent = false;
        DropReceived(now);
        if (IsSendDropped)
        {
            DropQueued();
        }
    }

    /// <summary>The remote acknowledged the stream; false when that was known, or not asked for.</summary>
    public bool OnAck()
    {
        if (Direction == Direction.Inbound || _isAcknowledged)
        {
            return false;
        }

        _isAcknowledged = true;
        session.Acknowledged();
        return true;
    }

    /// <summary>The remote reset the stream. What came before is still read, unless the application never got the stream.</summary>
    public void OnReset(uint code, long now) => EndNow(
        new EndReason(EndedBy.Remote, new ErrorCode(code), "The remote reset the stream"),
        StreamFailure.Reset,
        now,
        keepsReceived: IsTaken);

    /// <summary>The connection ended.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="sendsQueued">What was flushed is still being sent.</param>
    /// <param name="keepsReceived">The application may read what has come.</param>
    /// <param name="now">The time.</param>
    public void OnConnectionEnd(EndReason reason, bool sendsQueued, bool keepsReceived, long now) =>
        EndNow(reason, StreamFailure.ConnectionEnded, now, sendsQueued: sendsQueued, keepsReceived: keepsReceived);

    /// <summary>The remote took too long over a stream that the application has finished with.</summary>
    public void OnLingerTimeout(long now) => EndNow(
        new EndReason(EndedBy.Limit, _readCode, "The remote kept the stream open for too long after we closed it"),
        StreamFailure.Reset,
        now,
        tellsRemote: true);

    /// <summary>A bound of ours ends the stream.</summary>
    public void EndForLimit(string reason, long now) => EndNow(
        new EndReason(EndedBy.Limit, ErrorCode.ResourceLimitExceeded, reason), StreamFailure.Reset, now, tellsRemote: true);

    /// <summary>Gives up what was charged for it, once neither the table nor a queue of the session holds it.</summary>
    public void ReleaseIfGone()
    {
        if (IsOut && !_isControlQueued && !_isDataQueued && !_isReleased && Direction == Direction.Inbound)
        {
            _isReleased = true;
            Add(StreamEffects.Release);
        }
    }

    private void EndNow(
        EndReason reason, StreamFailure failure, long now, bool tellsRemote = false, bool sendsQueued = false, bool keepsReceived = false)
    {
        if (!_state.TryEnd())
        {
            return;
        }

        EndReason = reason;
        Failure = failure;
        WakeReader();
        WakeWriter();
        bool flushedGoesFirst = tellsRemote && reason.By != EndedBy.Violation && HasSendableBytes;
        if (!sendsQueued && !flushedGoesFirst)
        {
            DropQueued();
        }

        if (!keepsReceived)
        {
            DropReceived(now);
        }

        if (tellsRemote)
        {
            IsResetDue = true;
            if (flushedGoesFirst)
            {
                QueueData(now);
            }
            else
            {
                QueueControl(now);
            }
        }

        Add(IsWatched ? StreamEffects.Abort : StreamEffects.None);
        Leave(now);
    }

    /// <summary>Both directions have ended in order.</summary>
    private void EndInOrder(EndReason reason, long now)
    {
        EndReason = reason;
        Leave(now);
    }

    private void Leave(long now)
    {
        OnAck();
        session.Leave(this, now);
    }

    private void LingerIfFinished(long now)
    {
        if (_state.IsLingering)
        {
            session.Linger(this, now);
        }
    }

    private void Add(StreamEffects effects) => session.Add(this, effects);
}

/// <summary>How a stream failed.</summary>
internal enum StreamFailure : byte
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Either end reset it.</summary>
    Reset,

    /// <summary>Its connection ended.</summary>
    ConnectionEnded,
}
