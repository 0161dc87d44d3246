using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace Libp2p.Muxers.Yamux;

/// <summary>
/// What is sent on one stream: a <see cref="PipeWriter"/> for the application, emptied by the connection's writer. A flush waits while
/// more is queued than the send queue or the remote's window takes.
/// </summary>
internal sealed class SendHalf(YamuxStream stream, YamuxConnection connection) : PipeWriter, IValueTaskSource<FlushResult>
{
    private const string Busy = "A flush is in progress: write with one writer at a time.";

    private ByteQueue _queue = new(connection.Segments);
    private SessionWait _room;

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => true;

    /// <inheritdoc/>
    public override long UnflushedBytes
    {
        get
        {
            lock (connection.Gate)
            {
                return _queue.Uncommitted;
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="LimitExceededException">There is no memory for it.</exception>
    public override Memory<byte> GetMemory(int sizeHint = 0) =>
        TryGetMemory(Math.Max(sizeHint, 1), isPiece: true, out Memory<byte> memory) ? memory : throw NoMemory();

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc/>
    public override void Advance(int bytes)
    {
        lock (connection.Gate)
        {
            _queue.Advance(bytes);
        }
    }

    /// <inheritdoc/>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => FlushAsync(waitsForEmpty: false, cancellationToken);

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
    public override void CancelPendingFlush() => connection.Change(stream, static (stream, _) => stream.CancelFlush());

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

    /// <summary>Under the lock: takes what was written into the queue, unless the stream is over; how many bytes.</summary>
    public int Commit()
    {
        if (stream.IsSendDropped && !stream.IsCopying) // otherwise it is emptied when the writer has done with it
        {
            _queue.Clear();
        }

        return stream.State.IsOver ? 0 : _queue.Commit();
    }

    /// <summary>Waits until what was committed is taken; for closing the write side. Does not wait beside a waiting writer.</summary>
    public ValueTask<FlushResult> WaitTakenAsync(CancellationToken cancellationToken)
    {
        WaitOutcome outcome;
        lock (connection.Gate)
        {
            outcome = stream.State.FinSent ? WaitOutcome.Ready : stream.AskToFlush();
            if (outcome == WaitOutcome.Wait)
            {
                return Wait(cancellationToken);
            }

            if (outcome == WaitOutcome.Ready)
            {
                stream.EndFlush();
            }
        }

        stream.ThrowIfFailed(outcome, busy: null);
        return default;
    }

    /// <summary>Outside the lock: copies the next bytes.</summary>
    public void Copy(ref FrameSpan frames, int bytes) => _queue.CopyTo(ref frames, bytes);

    /// <summary>Under the lock: drops bytes that were copied.</summary>
    public void Consume(int bytes) => _queue.Consume(bytes);

    /// <summary>Under the lock: empties the queue.</summary>
    public void Clear() => _queue.Clear();

    /// <summary>Lets the writer that waited go on.</summary>
    public void Wake() => _room.End(isHere: false);

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token)
    {
        _room.Take(token);
        WaitOutcome outcome;
        FlushResult result;
        lock (connection.Gate)
        {
            outcome = stream.AskToFlush();
            result = new FlushResult(stream.EndFlush(), isCompleted: false);
        }

        stream.ThrowIfFailed(outcome, Busy);
        return result;
    }

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _room.GetStatus(token);

    void IValueTaskSource<FlushResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _room.OnCompleted(continuation, state, token, flags);

    private ValueTask<FlushResult> FlushAsync(bool waitsForEmpty, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        }

        ValueTask<FlushResult> result = default;
        WaitOutcome outcome;
        SessionEffects effects;
        lock (connection.Gate)
        {
            stream.Flush(Commit(), waitsForEmpty, connection.Now);
            outcome = stream.AskToFlush();
            if (outcome == WaitOutcome.Ready)
            {
                result = new ValueTask<FlushResult>(new FlushResult(stream.EndFlush(), isCompleted: false));
            }
            else if (outcome == WaitOutcome.Wait)
            {
                result = Wait(cancellationToken);
            }

            effects = connection.Settle(mayWrite: true);
        }

        connection.Run(effects);
        stream.ThrowIfFailed(outcome, Busy);
        return result;
    }

    private ValueTask<FlushResult> Wait(CancellationToken cancellationToken)
    {
        stream.WaitToFlush();
        return new(this, _room.Begin(static (self, token) => ((SendHalf)self!).OnCancelled(token), this, cancellationToken));
    }

    private void OnCancelled(CancellationToken cancellationToken)
    {
        lock (connection.Gate)
        {
            if (!stream.TryStopFlushing())
            {
                return;
            }
        }

        _room.Cancel(cancellationToken);
    }

    /// <summary>Memory to write to: for a piece of so many bytes, or for some of them; false when there is none.</summary>
    private bool TryGetMemory(int bytes, bool isPiece, out Memory<byte> memory)
    {
        int missing;
        lock (connection.Gate)
        {
            ThrowIfClosed();
            missing = isPiece ? _queue.Missing(bytes) : _queue.MissingForAny(bytes);
            if (missing == 0 || _queue.IsFree(missing))
            {
                memory = _queue.GetFreeMemory();
                return true;
            }
        }

        bool isThere = connection.Segments.TryRentCharged(missing, isOurs: true, out ByteSegment? segment); // asks others: not under the lock
        lock (connection.Gate)
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

            result = await FlushAsync(waitsForEmpty: isShort, cancellationToken);
            isShort = false;
        }

        return result;
    }

    private LimitExceededException NoMemory()
    {
        WaitOutcome outcome;
        lock (connection.Gate)
        {
            outcome = stream.AskToFlush();
        }

        stream.ThrowIfFailed(outcome, busy: null);
        return new LimitExceededException("There is no memory for what is to be sent: the remote does not take what was sent before, on this stream or on others");
    }

    private void ThrowIfClosed()
    {
        if (stream.State.WriteClosed)
        {
            throw new InvalidOperationException("The write side is closed.");
        }
    }
}
