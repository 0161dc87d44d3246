using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Libp2p.Negotiation;

/// <summary>
/// The output of a <see cref="LazyNegotiatedStream"/>: the stream's own, with the proposal before the first byte. Only while the
/// reader is sending the proposal by itself are bytes kept here, until the next flush.
/// </summary>
internal sealed class LazyWriter(PipeWriter output, LazyHandshake handshake, Func<ValueTask> finish) : PipeWriter
{
    private ArrayBufferWriter<byte>? _kept;
    private int _isFlushing;

    /// <summary>Whether our direction was ended here, so that there is nothing left to flush.</summary>
    public bool IsCompleted { get; private set; }

    public override bool CanGetUnflushedBytes => output.CanGetUnflushedBytes;

    public override long UnflushedBytes => output.UnflushedBytes + (_kept?.WrittenCount ?? 0);

    public override Memory<byte> GetMemory(int sizeHint = 0) => IsDirect ? output.GetMemory(sizeHint) : Kept.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => IsDirect ? output.GetSpan(sizeHint) : Kept.GetSpan(sizeHint);

    public override void Advance(int bytes)
    {
        if (_kept is null)
        {
            output.Advance(bytes);
        }
        else
        {
            _kept.Advance(bytes);
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (!TryBeginFlush())
        {
            return FlushNowAsync(cancellationToken); // the stream says what is wrong with two at a time
        }

        ValueTask<FlushResult> flush;
        try
        {
            flush = FlushNowAsync(cancellationToken);
        }
        catch
        {
            EndFlush();
            throw;
        }

        if (!flush.IsCompleted)
        {
            return FlushedAsync(flush);
        }

        EndFlush();
        return flush;
    }

    /// <summary>Flushes for who closes, unless the writer is doing so: what it flushes takes the proposal along, and the stream has one flush at a time.</summary>
    public async ValueTask FlushToCloseAsync(CancellationToken cancellationToken)
    {
        if (TryBeginFlush())
        {
            try
            {
                await FlushNowAsync(cancellationToken);
            }
            finally
            {
                EndFlush();
            }
        }
    }

    public override void CancelPendingFlush() => output.CancelPendingFlush();

    /// <summary>Ends our direction without waiting for the remote's answer, for which there is no time here.</summary>
    public override void Complete(Exception? exception = null)
    {
        if (exception is null && !IsDirect)
        {
            throw new InvalidOperationException("Flush, or complete asynchronously: the proposal is just being sent.");
        }

        IsCompleted = true;
        output.Complete(exception);
    }

    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        if (exception is null)
        {
            await finish();
        }
        else
        {
            IsCompleted = true;
            await output.CompleteAsync(exception);
        }
    }

    private ArrayBufferWriter<byte> Kept => _kept ??= new ArrayBufferWriter<byte>();

    private bool IsDirect => _kept is null && handshake.TryBeginWriting();

    private bool TryBeginFlush() => Interlocked.Exchange(ref _isFlushing, 1) == 0;

    private void EndFlush() => Volatile.Write(ref _isFlushing, 0);

    private ValueTask<FlushResult> FlushNowAsync(CancellationToken cancellationToken) =>
        handshake.IsConfirmed && IsDirect ? output.FlushAsync(cancellationToken) : FlushUnconfirmedAsync(cancellationToken);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> FlushedAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            return await flush;
        }
        finally
        {
            EndFlush();
        }
    }

    private async ValueTask<FlushResult> FlushUnconfirmedAsync(CancellationToken cancellationToken)
    {
        handshake.Glance();
        try
        {
            return IsDirect ? await output.FlushAsync(cancellationToken) : await FlushKeptAsync(cancellationToken);
        }
        catch (StreamResetException) when (handshake.Failure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure); // why it was reset, told by its own type
            throw;
        }
    }

    private async ValueTask<FlushResult> FlushKeptAsync(CancellationToken cancellationToken)
    {
        do
        {
            await handshake.ProposalSentAsync(cancellationToken);
        }
        while (!handshake.TryBeginWriting());

        if (_kept is { } kept)
        {
            _kept = null;
            output.Write(kept.WrittenSpan);
        }

        return await output.FlushAsync(cancellationToken);
    }
}
