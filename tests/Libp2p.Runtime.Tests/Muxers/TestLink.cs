using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Libp2p.Connections;

namespace Libp2p.Tests.Muxers;

/// <summary>One end of a byte link in memory, for muxers. What it does when it is aborted or breaks is what a socket does.</summary>
internal sealed class TestLink : IByteLink
{
    private readonly Reader _input;
    private readonly PipeWriter _output;
    private TestLink? _other;

    private TestLink(PipeReader input, PipeWriter output)
    {
        _input = new Reader(input);
        _output = output;
    }

    public PipeReader Input => _input;

    public PipeWriter Output => _output;

    public Multiaddress LocalAddress { get; } = Multiaddress.Parse("/memory/1");

    public Multiaddress RemoteAddress { get; } = Multiaddress.Parse("/memory/2");

    public bool IsRelayed => false;

    public ConnectionLimit? Limit => null;

    public EndReason? AbortedWith { get; private set; }

    public bool IsDisposed { get; private set; }

    public static (TestLink First, TestLink Second) Pair(PipeScheduler? scheduler = null, long capacity = 256 * 1024)
    {
        PipeOptions options = new(
            readerScheduler: scheduler ?? PipeScheduler.ThreadPool,
            writerScheduler: scheduler ?? PipeScheduler.ThreadPool,
            pauseWriterThreshold: capacity,
            resumeWriterThreshold: capacity / 2,
            minimumSegmentSize: 32 * 1024,
            useSynchronizationContext: false);
        Pipe there = new(options);
        Pipe back = new(options);
        TestLink first = new(back.Reader, there.Writer);
        TestLink second = new(there.Reader, back.Writer);
        first._other = second;
        second._other = first;
        return (first, second);
    }

    public void Abort(EndReason reason)
    {
        if (AbortedWith is null)
        {
            AbortedWith = reason;
            _input.Break(new ConnectionClosedException("We aborted the link", reason));
            _output.CancelPendingFlush();
            _other!._input.Break(new IOException("Connection reset by peer"));
        }
    }

    public async ValueTask DisposeAsync()
    {
        IsDisposed = true;
        await _output.CompleteAsync();
        await _input.CompleteAsync();
    }

    private sealed class Reader(PipeReader inner) : PipeReader
    {
        private Exception? _broken;

        public void Break(Exception cause)
        {
            _broken ??= cause;
            inner.CancelPendingRead();
        }

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            Checked(await inner.ReadAsync(cancellationToken));

        public override bool TryRead(out ReadResult result)
        {
            bool read = inner.TryRead(out result);
            result = read ? Checked(result) : result;
            return read;
        }

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        private ReadResult Checked(ReadResult result) => _broken is null ? result : throw _broken;
    }
}
