using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Libp2p.Scheduling;

namespace Libp2p.TestKit;

/// <summary>An input that fails from one moment on, also a read that is pending then. Allocates nothing for a read.</summary>
/// <param name="inner">The pipe's end.</param>
/// <param name="scheduler">The only one that may read; null: any.</param>
internal sealed class BreakableReader(PipeReader inner, NodeScheduler? scheduler) : PipeReader
{
    private Exception? _broken;

    public void Break(Exception cause)
    {
        Interlocked.CompareExchange(ref _broken, cause, null);
        inner.CancelPendingRead();
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        Assert.True(scheduler is null || scheduler.IsCurrent, "A read runs outside the scheduler of its node.");
        BreakableWriter.ThrowIf(_broken);
        ValueTask<ReadResult> reading = inner.ReadAsync(cancellationToken);
        return reading.IsCompletedSuccessfully ? new ValueTask<ReadResult>(Checked(reading.Result)) : FinishAsync(reading);
    }

    public override bool TryRead(out ReadResult result)
    {
        BreakableWriter.ThrowIf(_broken);
        bool isRead = inner.TryRead(out result);
        result = isRead ? Checked(result) : result;
        return isRead;
    }

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> FinishAsync(ValueTask<ReadResult> reading) => Checked(await reading);

    private ReadResult Checked(in ReadResult result)
    {
        if (Volatile.Read(ref _broken) is { } broken)
        {
            inner.AdvanceTo(result.Buffer.Start);
            BreakableWriter.ThrowIf(broken);
        }

        return result;
    }
}

/// <summary>An output whose flushes fail from one moment on, also one that is pending then. Allocates nothing for a flush.</summary>
/// <param name="inner">The pipe's end.</param>
internal sealed class BreakableWriter(PipeWriter inner) : PipeWriter
{
    private Exception? _broken;

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public void Break(Exception cause)
    {
        Interlocked.CompareExchange(ref _broken, cause, null);
        inner.CancelPendingFlush();
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    public override void Advance(int bytes) => inner.Advance(bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        ThrowIf(Volatile.Read(ref _broken));
        ValueTask<FlushResult> flushing = inner.FlushAsync(cancellationToken);
        return flushing.IsCompletedSuccessfully ? flushing : FinishAsync(flushing);
    }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    /// <summary>Throws a new exception of the same kind: one object thrown on two threads would mix their stacks.</summary>
    internal static void ThrowIf(Exception? broken)
    {
        switch (broken)
        {
            case ConnectionClosedException closed:
                throw new ConnectionClosedException(closed.Message, closed.Reason);
            case { } other:
                throw new IOException(other.Message, other);
            case null:
                return;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> FinishAsync(ValueTask<FlushResult> flushing)
    {
        FlushResult result = await flushing;
        ThrowIf(Volatile.Read(ref _broken));
        return result;
    }
}
