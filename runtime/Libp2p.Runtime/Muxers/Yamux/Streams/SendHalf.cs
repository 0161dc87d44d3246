using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace Libp2p.Muxers.Yamux;

/// <summary>
/// What we send on one stream: a <see cref="PipeWriter"/> for the application, emptied by the session's writer. A flush waits while
/// more is queued than the send queue or the remote's window takes.
/// </summary>
internal sealed class SendHalf(YamuxStream stream, YamuxConnection connection) : PipeWriter, IValueTaskSource<FlushResult>
{
    private ByteQueue _queue = new(connection.Segments);
    private SendWindow _window = new(YamuxOptions.ProtocolWindow);
    private ManualResetValueTaskSourceCore<bool> _room = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;
    private int _sending; // bytes the session's writer copies at this moment
    private bool _isWaiting;
    private bool _isShort; // of memory: a flush waits until nothing is queued
    private bool _isCanceled;
    private bool _isDropped; // nothing is sent any more

    /// <summary>Under the lock: bytes the remote takes now.</summary>
    public uint Window => _window.Available;

    /// <summary>Under the lock: flushed bytes that were not sent.</summary>
    public long Queued => _queue.Length;

    /// <summary>Under the lock: bytes sent in all.</summary>
    public long Sent { get; private set; }

    /// <summary>Under the lock: whether the application waits.</summary>
    public bool IsWaiting => _isWaiting;

    /// <summary>Under the lock: whether there are flushed bytes that the remote takes now.</summary>
    public bool HasSendableBytes => !_isDropped && Unsent > 0 && _window.Available > 0;

    /// <summary>Under the lock: whether the session's writer would find something.</summary>
    public bool IsSendable => HasSendableBytes || IsFinNext;

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => true;

    /// <inheritdoc/>
    public override long UnflushedBytes
    {
        get
        {
            lock (stream.Gate)
            {
                return _queue.Uncommitted;
            }
        }
    }

    private long Unsent => _queue.Length - _sending;

    private bool IsTaken => Fits(connection.Options.SendQueue);

    /// <inheritdoc/>
    /// <exception cref="LimitExceededException">There is no memory for it.</exception>
    public override Memory<byte> GetMemory(int sizeHint = 0) =>
        TryGetMemory(Math.Max(sizeHint, 1), isPiece: true, out Memory<byte> memory) ? memory : throw NoMemory();

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc/>
    public override void Advance(int bytes)
    {
        lock (stream.Gate)
        {
            _queue.Advance(bytes);
        }
    }

    /// <inheritdoc/>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => FlushAsync(isShort: false, cancellationToken);

    private ValueTask<FlushResult> FlushAsync(bool isShort, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        }

        StreamEffects effects;
        ValueTask<FlushResult> result;
        lock (stream.Gate)
        {
            effects = Commit();
            _isShort = isShort;
            result = TryTakeResult(out FlushResult ready) ? new ValueTask<FlushResult>(ready) : Wait(cancellationToken);
        }

        stream.Run(effects);
        return result;
    }

    /// <inheritdoc/>
    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (source.Length > connection.Options.SendQueue)
        {
            return WriteInPartsAsync(source, 0, cancellationToken);
        }

        int written = Write(source.Span);
        return written == source.Length ? FlushAsync(cancellationToken) : WriteInPartsAsync(source, written, cancellationToken);
    }

    /// <inheritdoc/>
    public override void CancelPendingFlush()
    {
        StreamEffects effects;
        lock (stream.Gate)
        {
            _isCanceled = true;
            effects = Freed();
        }

        stream.Run(effects);
    }

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => stream.CompleteWrite(exception);

    /// <inheritdoc/>
    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        stream.CompleteWrite(exception);
        if (exception is null)
        {
            await stream.CloseWriteAsync(CancellationToken.None);
        }
    }

    /// <summary>Under the lock: takes what was written into the queue, unless the stream is over.</summary>
    public StreamEffects Commit()
    {
        if (_isDropped)
        {
            _queue.Clear();
        }
        else if (!stream.State.IsOver)
        {
            _queue.Commit();
        }

        return stream.QueueData();
    }

    /// <summary>Waits until what was committed is taken; for closing the write side. Does not wait beside a waiting writer.</summary>
    public ValueTask<FlushResult> WaitTakenAsync(CancellationToken cancellationToken)
    {
        lock (stream.Gate)
        {
            return stream.State.FinSent || _isWaiting || TryTakeResult(out _) ? default : Wait(cancellationToken);
        }
    }

    /// <summary>Under the lock: the stream is disposed of; what the application wrote after everything was dropped goes too.</summary>
    public void Abandon()
    {
        if (_isDropped)
        {
            Drop();
        }
    }

    /// <summary>Under the lock: takes credit; false when it overflows.</summary>
    public bool TryGrant(uint credit) => _window.TryGrant(credit);

    /// <summary>Under the lock: lets a waiting writer go on if all of its bytes are taken.</summary>
    public StreamEffects FreedIfTaken() => _isWaiting && Fits(connection.Options.SendQueue / 2) ? Freed() : StreamEffects.None;

    /// <summary>Under the lock: something happened that a waiting writer must see.</summary>
    public StreamEffects Freed()
    {
        bool waited = _isWaiting;
        _isWaiting = false;
        return waited ? StreamEffects.WakeWriter : StreamEffects.None;
    }

    /// <summary>Lets the writer that waited go on.</summary>
    public void Wake() => _room.SetResult(true);

    /// <summary>Under the lock: how many bytes go into a frame now; they are copied next, outside the lock.</summary>
    public int BeginSend(int max)
    {
        if (_isDropped)
        {
            return 0;
        }

        _sending = (int)Math.Min(Math.Min(_queue.Length, _window.Available), max);
        _window.Take(_sending);
        return _sending;
    }

    /// <summary>Outside the lock: copies the bytes.</summary>
    public void Copy(ref FrameSpan frames) => _queue.CopyTo(ref frames, _sending);

    /// <summary>Under the lock: the bytes are copied.</summary>
    public StreamEffects EndSend()
    {
        _queue.Consume(_sending);
        Sent += _sending;
        _sending = 0;
        if (_isDropped)
        {
            _queue.Clear();
        }

        return FreedIfTaken();
    }

    /// <summary>Under the lock: whether the FIN is to be written now.</summary>
    public bool IsFinNext => !_isDropped && _queue.Length == 0 && stream.State.IsFinDue && !stream.IsResetDue;

    /// <summary>Under the lock: drops what is queued, as soon as nobody copies it.</summary>
    public void Drop()
    {
        _isDropped = true;
        if (_sending == 0)
        {
            _queue.Clear();
        }
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token)
    {
        try
        {
            _room.GetResult(token);
        }
        finally
        {
            _registration.Dispose();
            _registration = default;
        }

        lock (stream.Gate)
        {
            TryTakeResult(out FlushResult result);
            return result;
        }
    }

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _room.GetStatus(token);

    void IValueTaskSource<FlushResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _room.OnCompleted(continuation, state, token, flags);

    private bool Fits(int limit) => _isShort ? _queue.Length == 0 : Unsent <= limit && Unsent <= _window.Available;

    private bool TryTakeResult(out FlushResult result)
    {
        if (_isWaiting)
        {
            throw new InvalidOperationException("A flush is in progress: write with one writer at a time.");
        }

        stream.ThrowIfReset();
        stream.ThrowIfConnectionEnded();
        result = new FlushResult(_isCanceled, isCompleted: false);
        bool ready = _isCanceled || IsTaken;
        _isCanceled = false;
        return ready;
    }

    private ValueTask<FlushResult> Wait(CancellationToken cancellationToken)
    {
        _room.Reset();
        _isWaiting = true;
        if (cancellationToken.CanBeCanceled)
        {
            _registration = cancellationToken.UnsafeRegister(static (self, token) => ((SendHalf)self!).OnCanceled(token), this);
        }

        return new ValueTask<FlushResult>(this, _room.Version);
    }

    private void OnCanceled(CancellationToken cancellationToken)
    {
        StreamEffects effects;
        lock (stream.Gate)
        {
            effects = Freed();
        }

        if (effects != StreamEffects.None)
        {
            _room.SetException(new OperationCanceledException(cancellationToken));
        }
    }

    /// <summary>Memory to write to: for a piece of so many bytes, or for some of them; false when there is none.</summary>
    private bool TryGetMemory(int bytes, bool isPiece, out Memory<byte> memory)
    {
        int missing;
        lock (stream.Gate)
        {
            ThrowIfClosed();
            missing = isPiece ? _queue.Missing(bytes) : _queue.MissingForAny(bytes);
            if (missing == 0 || _queue.IsFree(missing))
            {
                memory = _queue.GetFreeMemory();
                return true;
            }
        }

        bool isThere = connection.Segments.TryRentCharged(missing, isOurs: true, out Segment? segment); // asks others: not under the lock
        lock (stream.Gate)
        {
            if (stream.State.WriteClosed && segment is not null)
            {
                connection.Segments.Return(segment);
            }

            ThrowIfClosed();
            isThere |= !isPiece && _queue.IsFree(0);
            memory = !isThere ? default : segment is null ? _queue.GetFreeMemory() : _queue.GetMemory(segment);
            return isThere;
        }
    }

    /// <summary>Writes what there is memory for; how many bytes.</summary>
    private int Write(ReadOnlySpan<byte> bytes)
    {
        int written = 0;
        while (written < bytes.Length && TryGetMemory(bytes.Length - written, isPiece: false, out Memory<byte> room))
        {
            int length = Math.Min(room.Length, bytes.Length - written);
            bytes.Slice(written, length).CopyTo(room.Span);
            Advance(length);
            written += length;
        }

        return written;
    }

    /// <summary>Writes what is longer than the send queue, or than there is memory for: then each part waits for the one before to be sent.</summary>
    private async ValueTask<FlushResult> WriteInPartsAsync(ReadOnlyMemory<byte> source, int written, CancellationToken cancellationToken)
    {
        await connection.Scheduler.Enter();
        FlushResult result = default;
        source = source[written..];
        bool isShort = written > 0;
        while (!source.IsEmpty)
        {
            // A canceled wait still writes everything, as it does for a short write.
            int length = result.IsCanceled ? source.Length : Math.Min(source.Length, connection.Options.SendQueue);
            written = isShort ? 0 : Write(source.Span[..length]);
            source = source[written..];
            isShort = written < length;
            if (result.IsCanceled)
            {
                if (isShort)
                {
                    throw NoMemory();
                }

                CancelPendingFlush();
            }

            result = await FlushAsync(isShort, cancellationToken);
            isShort = false;
        }

        return result;
    }

    private LimitExceededException NoMemory()
    {
        lock (stream.Gate)
        {
            stream.ThrowIfReset();
            stream.ThrowIfConnectionEnded();
            return new LimitExceededException("There is no memory for what is to be sent: the remote does not take what was sent before, on this stream or on others");
        }
    }

    private void ThrowIfClosed()
    {
        if (stream.State.WriteClosed)
        {
            throw new InvalidOperationException("The write side is closed.");
        }
    }
}
