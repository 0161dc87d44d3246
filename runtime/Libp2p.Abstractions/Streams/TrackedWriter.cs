using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Libp2p;

/// <summary>
/// The output of a stream as an application writes it: the stream learns that it was ended, its idle time that something passed, and
/// failures name the protocol and the peer. The call engine writes the stream without it.
/// </summary>
internal sealed class TrackedWriter(P2PStream stream) : PipeWriter
{
    private PipeWriter Inner => stream.MessageOutput;

    public override bool CanGetUnflushedBytes => Inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => Inner.UnflushedBytes;

    public override void Advance(int bytes)
    {
        stream.OnWritten();
        Inner.Advance(bytes);
    }

    public override void CancelPendingFlush() => Inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        ResetFor(exception);
        Inner.Complete(exception);
        stream.OnWriteEnded(exception);
    }

    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        await stream.Enter();
        ResetFor(exception);
        await Inner.CompleteAsync(exception);
        stream.OnWriteEnded(exception);
    }

    /// <summary>Written by the stream itself, which takes long sources in parts.</summary>
    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        stream.OnWritten();
        try
        {
            ValueTask<FlushResult> writing = Inner.WriteAsync(source, cancellationToken);
            return writing.IsCompletedSuccessfully ? writing : WaitAsync(writing);
        }
        catch (Libp2pException e)
        {
            throw stream.Explain(e);
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            ValueTask<FlushResult> flushing = Inner.FlushAsync(cancellationToken);
            return flushing.IsCompletedSuccessfully ? flushing : WaitAsync(flushing);
        }
        catch (Libp2pException e)
        {
            throw stream.Explain(e);
        }
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => Inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => Inner.GetSpan(sizeHint);

    /// <summary>Resets with a code before the muxer, which does not know the stream's role, resets without one.</summary>
    private void ResetFor(Exception? exception)
    {
        if (exception is not null)
        {
            stream.Reset(ResetReason.OfOutput(exception, stream.Direction));
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> WaitAsync(ValueTask<FlushResult> flushing)
    {
        await stream.Enter();
        try
        {
            return await flushing;
        }
        catch (Libp2pException e)
        {
            throw stream.Explain(e);
        }
    }
}
