using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Libp2p.Transports.Memory;

/// <summary>
/// Whether a link is broken, for both ends. It is told here and not by completing the other end's writer: that would give memory back to
/// the pool into which the other end is writing.
/// </summary>
internal sealed class MemoryLinkBreak
{
    private readonly List<Action> _wake = [];
    private IOException? _broken;

    /// <summary>The input over a pipe; fails at once when the link is broken.</summary>
    public PipeReader Over(PipeReader reader)
    {
        _wake.Add(reader.CancelPendingRead);
        return new Reader(this, reader);
    }

    /// <summary>The output over a pipe; a flush fails when the link is broken.</summary>
    public PipeWriter Over(PipeWriter writer)
    {
        _wake.Add(writer.CancelPendingFlush);
        return new Writer(this, writer);
    }

    /// <summary>Breaks it, once; whoever waits learns of it.</summary>
    public void Break(EndReason reason)
    {
        if (Interlocked.CompareExchange(ref _broken, new IOException($"The link was aborted: {reason.Reason}", reason.Cause), null) is null)
        {
            _wake.ForEach(wake => wake());
        }
    }

    private void ThrowIfBroken()
    {
        if (Volatile.Read(ref _broken) is { } broken)
        {
            throw new IOException(broken.Message, broken);
        }
    }

    private sealed class Reader(MemoryLinkBreak link, PipeReader inner) : PipeReader
    {
        public override bool TryRead(out ReadResult result)
        {
            link.ThrowIfBroken();
            return inner.TryRead(out result);
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            link.ThrowIfBroken();
            ValueTask<ReadResult> reading = inner.ReadAsync(cancellationToken);
            return reading.IsCompleted ? reading : WaitAsync(reading);
        }

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> reading)
        {
            ReadResult result = await reading;
            if (Volatile.Read(ref link._broken) is not null)
            {
                inner.AdvanceTo(result.Buffer.Start);
                link.ThrowIfBroken();
            }

            return result;
        }
    }

    private sealed class Writer(MemoryLinkBreak link, PipeWriter inner) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            link.ThrowIfBroken();
            ValueTask<FlushResult> flushing = inner.FlushAsync(cancellationToken);
            return flushing.IsCompleted ? flushing : WaitAsync(flushing);
        }

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        private async ValueTask<FlushResult> WaitAsync(ValueTask<FlushResult> flushing)
        {
            FlushResult result = await flushing;
            link.ThrowIfBroken();
            return result;
        }
    }
}
