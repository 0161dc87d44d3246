using System.IO.Pipelines;
using Libp2p.Muxers;

namespace Libp2p.TestKit;

/// <summary>A stream of a <see cref="SelfSecuredConnection"/>: refusing to read stops the remote's writer.</summary>
internal sealed class SelfSecuredStream(SelfSecuredConnection connection, IMuxedStream inner) : DelegatingStream(inner)
{
    private readonly StoppableWriter _output = new(inner.Output);

    public override PipeWriter Output => _output;

    public override void CloseRead(ErrorCode code)
    {
        base.CloseRead(code);
        connection.TellStopped(Id);
    }

    public override ValueTask DisposeAsync()
    {
        connection.Forget(Id);
        return base.DisposeAsync();
    }

    public void Stop() => _output.Stop();

    /// <summary>An output whose flushes say, from one moment on, that there is no reader.</summary>
    private sealed class StoppableWriter(PipeWriter inner) : PipeWriter
    {
        private volatile bool _isStopped;

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public void Stop()
        {
            _isStopped = true;
            inner.CancelPendingFlush();
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            FlushResult flushed = await inner.FlushAsync(cancellationToken);
            return _isStopped ? new FlushResult(isCanceled: false, isCompleted: true) : flushed;
        }

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);
    }
}
