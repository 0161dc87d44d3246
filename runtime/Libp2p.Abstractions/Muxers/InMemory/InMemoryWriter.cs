using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Libp2p.Muxers;

/// <summary>The output of one end: the channel's pipe behind a window. What nobody will read is dropped.</summary>
internal sealed class InMemoryWriter(InMemoryStream stream, InMemoryChannel channel) : PipeWriter
{
    private readonly PipeWriter _pipe = channel.Pipe.Writer;
    private byte[]? _scrap; // lent instead of the pipe's memory when nobody will read it
    private long _unflushed;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (!channel.IsDead)
        {
            _scrap = null;
            return _pipe.GetMemory(sizeHint);
        }

        return _scrap = new byte[Math.Max(sizeHint, 256)];
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if (_scrap is null)
        {
            _pipe.Advance(bytes);
            _unflushed += bytes;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        stream.ThrowIfReset(channel);
        cancellationToken.ThrowIfCancellationRequested();
        bool wasRefused = channel.IsRefused; // asked before the bytes can be read: whoever reads them may leave at once
        long bytes = _unflushed;
        _unflushed = 0;
        await _pipe.FlushAsync(CancellationToken.None); // the pipe itself never waits
        WindowWait wait = await channel.AddAsync(bytes, cancellationToken);
        if (wait == WindowWait.Fits)
        {
            return new FlushResult(isCanceled: false, wasRefused); // taken: what the reader does after that is the next flush's affair
        }

        stream.ThrowIfReset(channel);
        return new FlushResult(wait == WindowWait.Canceled, channel.IsRefused);
    }

    public override void CancelPendingFlush() => channel.CancelFlush();

    public override void Complete(Exception? exception = null)
    {
        if (exception is null)
        {
            End();
        }
        else
        {
            stream.Reset((exception as Libp2pException)?.Reason ?? new EndReason(EndedBy.Local, ErrorCode.None, exception.Message, exception));
        }
    }

    /// <summary>Ends the direction after what was written.</summary>
    public void End()
    {
        if (!channel.IsEnded)
        {
            channel.IsEnded = true;
            _pipe.Complete();
            stream.OnDirectionEnded();
        }
    }
}
