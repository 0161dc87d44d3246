using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace Libp2p.Muxers.Yamux;

/// <summary>What the remote sends on one stream: a <see cref="PipeReader"/> for the application, filled by the connection's reader.</summary>
internal sealed class ReceiveHalf(YamuxStream stream, YamuxConnection connection) : PipeReader, IValueTaskSource<ReadResult>, IWaiter
{
    private const string Busy = "A read is in progress: advance first, and read with one reader at a time.";

    private ByteQueue _queue = new(connection.Segments);
    private SessionWait _arrival;

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        }

        if (!TryBegin(mayGrow: true, cancellationToken, out ValueTask<ReadResult> result))
        {
            Grow(stream.WantedForClog());
            TryBegin(mayGrow: false, cancellationToken, out result);
        }

        return result;
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        WaitOutcome outcome;
        lock (connection.Gate)
        {
            outcome = stream.AskToRead();
            result = outcome == WaitOutcome.Ready ? Lend() : default;
        }

        stream.ThrowIfFailed(outcome, Busy);
        return outcome == WaitOutcome.Ready;
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        SessionEffects effects;
        int growth;
        lock (connection.Gate)
        {
            if (!stream.IsLent)
            {
                return; // what was read was empty
            }

            long count = _queue.OffsetOf(consumed);
            long seen = _queue.OffsetOf(examined);
            ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)count, (ulong)_queue.Length, nameof(consumed));
            ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)seen, (ulong)_queue.Length, nameof(examined));
            ArgumentOutOfRangeException.ThrowIfLessThan(seen, count, nameof(examined));
            _queue.Consume(count);
            growth = stream.Consume(count, seen, connection.Now);
            effects = connection.Settle();
        }

        connection.Run(effects);
        if (growth > 0)
        {
            Grow(growth);
        }
    }

    /// <inheritdoc/>
    public override void CancelPendingRead() => connection.Change(stream, static (stream, _) => stream.CancelRead());

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => connection.Change(
        (stream, exception is Libp2pException known ? known.Reason.Code : ErrorCode.None),
        static (end, now) =>
        {
            end.stream.StopLending(now);
            end.stream.CloseRead(end.Item2, now);
        });

    /// <summary>Under the lock: from now to <see cref="Commit"/> the connection's reader writes to the queue.</summary>
    public void Begin() => _queue.BeginAppend();

    /// <summary>Outside the lock: keeps a piece of a body; false when there is no memory for it.</summary>
    public bool TryAppend(ReadOnlySpan<byte> bytes) => _queue.TryAppend(bytes);

    /// <summary>Under the lock: shows the application what was kept; how many bytes.</summary>
    public int Commit() => _queue.Commit();

    /// <summary>Under the lock: empties the queue.</summary>
    public void Clear() => _queue.Clear(reuse: !stream.IsAbandoned);

    /// <inheritdoc/>
    public void Wake(bool isHere) => _arrival.End(isHere);

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        _arrival.Take(token);
        WaitOutcome outcome;
        ReadResult result;
        lock (connection.Gate)
        {
            outcome = stream.AskToRead();
            result = outcome is WaitOutcome.Ready or WaitOutcome.Wait ? Lend() : default; // it was woken, so it ends
        }

        stream.ThrowIfFailed(outcome, Busy);
        return result;
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _arrival.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _arrival.OnCompleted(continuation, state, token, flags);

    // False when the window is to grow before a read waits.
    private bool TryBegin(bool mayGrow, CancellationToken cancellationToken, out ValueTask<ReadResult> result)
    {
        result = default;
        WaitOutcome outcome;
        SessionEffects effects;
        lock (connection.Gate)
        {
            outcome = stream.AskToRead();
            if (outcome == WaitOutcome.Ready)
            {
                result = new ValueTask<ReadResult>(Lend());
                return true;
            }

            if (outcome == WaitOutcome.Wait)
            {
                if (mayGrow && stream.IsClogged)
                {
                    return false;
                }

                result = Wait(cancellationToken);
            }

            effects = connection.Settle(mayWrite: true);
        }

        connection.Run(effects);
        stream.ThrowIfFailed(outcome, Busy);
        return true;
    }

    private ReadResult Lend()
    {
        bool isCancelled = stream.Lend();
        return new ReadResult(
            stream.IsLent ? _queue.Peek() : ReadOnlySequence<byte>.Empty,
            isCancelled,
            stream.State.ReadClosed || stream.State.FinReceived);
    }

    private ValueTask<ReadResult> Wait(CancellationToken cancellationToken)
    {
        stream.WaitToRead();
        return new(this, _arrival.Begin(static (self, token) => ((ReceiveHalf)self!).OnCancelled(token), this, cancellationToken));
    }

    private void OnCancelled(CancellationToken cancellationToken)
    {
        lock (connection.Gate)
        {
            if (!stream.TryStopReading())
            {
                return;
            }
        }

        _arrival.Cancel(cancellationToken);
    }

    /// <summary>The window is to grow by so much; if there is no memory for that, the remote gets what it is owed.</summary>
    private void Grow(int growth)
    {
        int granted = growth > 0 && connection.Memory.TryGrow(growth) ? growth : 0;
        bool isUsed;
        SessionEffects effects;
        lock (connection.Gate)
        {
            isUsed = stream.GrowOrCredit(granted, connection.Now);
            effects = connection.Settle();
        }

        connection.Run(effects);
        if (!isUsed && granted > 0)
        {
            connection.Memory.ReturnGrowth(granted);
        }
    }
}
