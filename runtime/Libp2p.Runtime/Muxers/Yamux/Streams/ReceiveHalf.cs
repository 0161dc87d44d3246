using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace Libp2p.Muxers.Yamux;

/// <summary>
/// What the remote sends on one stream: a <see cref="PipeReader"/> for the application, filled by the session's reader, bounded by
/// the receive window. What the application consumes is credited, what it only examines is not.
/// </summary>
/// <remarks>
/// A reader that has examined everything, consumes nothing and asks for more wants a message that is larger than the window: then
/// the window grows. It could not be told from a deadlock otherwise.
/// </remarks>
internal sealed class ReceiveHalf(YamuxStream stream, YamuxConnection connection) : PipeReader, IValueTaskSource<ReadResult>
{
    private ByteQueue _queue = new(connection.Segments);
    private ReceiveWindow _window = new(connection.Options.InitialWindow);
    private ManualResetValueTaskSourceCore<bool> _arrival = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;
    private long _examined; // of _queue.Length
    private bool _isWaiting;
    private bool _isCanceled;
    private bool _isLent; // the application looks at the queue
    private bool _isAppending; // the session's reader writes to the queue
    private bool _isDropped; // the queue is not used any more
    private bool _isTruncated; // the application did not get to see all that came, so no end in order follows
    private bool _isAbandoned; // the application went away without advancing
    private bool _isCreditQueued;

    /// <summary>Under the lock: what the remote may send, for diagnostics.</summary>
    public ReceiveWindow Window => _window;

    /// <summary>Under the lock: bytes that wait for the application.</summary>
    public long Buffered => _queue.Length;

    /// <summary>Under the lock: bytes received in all, of frames that have begun.</summary>
    public long Received { get; private set; }

    /// <summary>Under the lock: whether the application waits.</summary>
    public bool IsWaiting => _isWaiting;

    /// <summary>Under the lock: by how much the window was made larger.</summary>
    public int Growth => _window.Size - connection.Options.InitialWindow;

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        }

        lock (stream.Gate)
        {
            if (TryTakeResult(out ReadResult ready))
            {
                return new ValueTask<ReadResult>(ready);
            }

            if (!IsClogged)
            {
                return Wait(cancellationToken);
            }
        }

        Unclog();
        lock (stream.Gate)
        {
            return TryTakeResult(out ReadResult ready) ? new ValueTask<ReadResult>(ready) : Wait(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        lock (stream.Gate)
        {
            return TryTakeResult(out result);
        }
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        StreamEffects effects;
        int growth = 0;
        lock (stream.Gate)
        {
            if (!_isLent)
            {
                return; // what was read was empty
            }

            long count = _queue.OffsetOf(consumed);
            long seen = _queue.OffsetOf(examined);
            ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)count, (ulong)_queue.Length, nameof(consumed));
            ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)seen, (ulong)_queue.Length, nameof(examined));
            ArgumentOutOfRangeException.ThrowIfLessThan(seen, count, nameof(examined));

            _isLent = false;
            _queue.Consume(count);
            _window.Consume((int)count);
            _examined = seen - count;
            effects = _isDropped ? Drop() : CreditOrGrow(out growth);
        }

        if (growth > 0)
        {
            effects |= GrowOrCredit(growth);
        }

        stream.Run(effects);
    }

    /// <inheritdoc/>
    public override void CancelPendingRead()
    {
        StreamEffects effects;
        lock (stream.Gate)
        {
            _isCanceled = true;
            effects = Arrived();
        }

        stream.Run(effects);
    }

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null)
    {
        StreamEffects effects;
        lock (stream.Gate)
        {
            _isLent = false;
            effects = _isDropped ? Drop() : StreamEffects.None;
        }

        stream.Run(effects);
        stream.CloseRead(exception is Libp2pException known ? known.Reason.Code : ErrorCode.None);
    }

    /// <summary>
    /// Under the lock: the stream is disposed of. What the application still looks at is not used again, so that one that breaks
    /// the rules sees its own bytes and nobody else's.
    /// </summary>
    public StreamEffects Abandon()
    {
        _isAbandoned |= _isLent;
        _isLent = false;
        return Drop();
    }

    /// <summary>Under the lock: counts a frame that begins; false when it overruns the window.</summary>
    public bool TryReceive(uint length)
    {
        bool fits = _window.TryReceive(length, connection.Time);
        Received += fits ? length : 0;
        return fits;
    }

    /// <summary>Under the lock: the frame's body will not be kept, so it counts as consumed.</summary>
    public StreamEffects Skip(uint length)
    {
        _window.Consume((int)length);
        return Credit();
    }

    /// <summary>Under the lock: from now to <see cref="EndAppend"/> the session's reader writes to the queue.</summary>
    public void BeginAppend()
    {
        _isAppending = true;
        _queue.BeginAppend();
    }

    /// <summary>Outside the lock: keeps a piece of a body; false when there is no memory for it.</summary>
    public bool TryAppend(ReadOnlySpan<byte> bytes) => _queue.TryAppend(bytes);

    /// <summary>Under the lock: shows the application what was kept.</summary>
    public StreamEffects EndAppend()
    {
        _isAppending = false;
        _queue.Commit();
        return _isDropped ? Drop() : _queue.Length > _examined ? Arrived() : StreamEffects.None;
    }

    /// <summary>Under the lock: something happened that a waiting reader must see.</summary>
    public StreamEffects Arrived()
    {
        bool waited = _isWaiting;
        _isWaiting = false;
        return waited ? StreamEffects.WakeReader : StreamEffects.None;
    }

    /// <summary>Lets the reader that waited go on.</summary>
    public void Wake() => _arrival.SetResult(true);

    /// <summary>Under the lock: drops what came and what will come, as soon as nobody looks at it.</summary>
    public StreamEffects Drop()
    {
        _isDropped = true;
        if (_isLent || _isAppending)
        {
            return StreamEffects.None;
        }

        _isTruncated |= _queue.Length > 0;
        _window.Consume((int)_queue.Length);
        _queue.Clear(reuse: !_isAbandoned);
        _examined = 0;
        return Credit();
    }

    /// <summary>Under the lock: the credit to be sent now.</summary>
    public uint TakeCredit(long now)
    {
        _isCreditQueued = false;
        return _window.TakeCredit(now);
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        try
        {
            _arrival.GetResult(token);
        }
        finally
        {
            _registration.Dispose();
            _registration = default;
        }

        lock (stream.Gate)
        {
            return TryTakeResult(out ReadResult result) ? result : Lend(isCanceled: false);
        }
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _arrival.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _arrival.OnCompleted(continuation, state, token, flags);

    private bool TryTakeResult(out ReadResult result)
    {
        if (_isLent || _isWaiting)
        {
            throw new InvalidOperationException("A read is in progress: advance first, and read with one reader at a time.");
        }

        if (!stream.State.ReadClosed)
        {
            if (_queue.Length <= _examined)
            {
                stream.ThrowIfReset(); // what came before the remote's reset is read first
            }

            if (!_isCanceled && _queue.Length <= _examined && (!stream.State.FinReceived || _isTruncated))
            {
                stream.ThrowIfConnectionEnded();
                result = default;
                return false;
            }
        }

        result = Lend(_isCanceled);
        _isCanceled = false;
        return true;
    }

    private ReadResult Lend(bool isCanceled)
    {
        bool isClosed = stream.State.ReadClosed;
        _isLent = _queue.Length > 0 && !isClosed;
        return new ReadResult(
            _isLent ? _queue.Peek() : ReadOnlySequence<byte>.Empty, isCanceled, isClosed || stream.State.FinReceived);
    }

    private ValueTask<ReadResult> Wait(CancellationToken cancellationToken)
    {
        _arrival.Reset();
        _isWaiting = true;
        if (cancellationToken.CanBeCanceled)
        {
            _registration = cancellationToken.UnsafeRegister(
                static (self, token) => ((ReceiveHalf)self!).OnCanceled(token), this);
        }

        return new ValueTask<ReadResult>(this, _arrival.Version);
    }

    private void OnCanceled(CancellationToken cancellationToken)
    {
        StreamEffects effects;
        lock (stream.Gate)
        {
            effects = Arrived();
        }

        if (effects != StreamEffects.None)
        {
            _arrival.SetException(new OperationCanceledException(cancellationToken));
        }
    }

    // Window arithmetic; all but the two that ask for memory run under the lock.

    private bool IsCreditWanted => !_isCreditQueued && !stream.State.FinReceived && !stream.State.IsOver;

    private bool IsClogged => IsCreditWanted && _queue.Length > 0 && _window.Left <= _window.Size / 4;

    private StreamEffects Credit() =>
        !IsCreditWanted || !_window.IsCreditDue ? StreamEffects.None
        : stream.State.IsLingering ? StreamEffects.Stuck
        : QueueCredit();

    private StreamEffects QueueCredit()
    {
        _isCreditQueued = true;
        return stream.QueueCredit();
    }

    private StreamEffects CreditOrGrow(out int growth)
    {
        growth = 0;
        if (!IsCreditWanted || !_window.IsCreditDue)
        {
            return StreamEffects.None;
        }

        long now = connection.Time.GetTimestamp();
        connection.MeasureRoundTrip(now);
        growth = _window.WantedGrowth(now, connection.RoundTrip, connection.Options.MaxWindow);
        return growth > 0 ? StreamEffects.None : QueueCredit();
    }

    // The window is to grow by so much; if there is no memory for that, the remote gets what it is owed.
    private StreamEffects GrowOrCredit(int growth)
    {
        int granted = growth > 0 && connection.Memory.TryGrow(growth) ? growth : 0;
        lock (stream.Gate)
        {
            if (IsCreditWanted)
            {
                _window.Grow(granted);
                return _window.Owed > 0 ? QueueCredit()
                    : _window.Left > 0 ? StreamEffects.None
                    : stream.EndForLimit($"The reader wants more than {_window.Size} bytes at once, and the window cannot grow");
            }
        }

        if (granted > 0)
        {
            connection.Memory.ReturnGrowth(granted);
        }

        return StreamEffects.None;
    }

    private void Unclog()
    {
        int growth;
        lock (stream.Gate)
        {
            growth = Math.Min(_window.Size, connection.Options.MaxWindow - _window.Size);
        }

        stream.Run(GrowOrCredit(growth));
    }
}
