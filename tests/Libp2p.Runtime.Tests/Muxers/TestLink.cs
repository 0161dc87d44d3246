using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Scheduling;

namespace Libp2p.Tests.Muxers;

/// <summary>One end of a byte link in memory, for muxers. What it does when it is aborted or breaks is what a socket does.</summary>
internal sealed class TestLink : IByteLink
{
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private TestLink? _other;

    private TestLink(PipeReader input, PipeWriter output, NodeScheduler? scheduler, bool breaks)
    {
        _input = breaks ? new Reader(input, scheduler) : input;
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

    /// <summary>A link that breaks its contract.</summary>
    public bool ThrowsWhenAborted { get; set; }

    /// <param name="scheduler">When given, nobody may read on any other.</param>
    /// <param name="capacity">Bytes that wait in each direction before a flush does.</param>
    /// <param name="breaks">False: it can only be closed, and costs nothing beside its pipes.</param>
    public static (TestLink First, TestLink Second) Pair(NodeScheduler? scheduler = null, long capacity = 256 * 1024, bool breaks = true)
    {
        PipeScheduler both = scheduler ?? PipeScheduler.ThreadPool;
        PipeOptions options = new(
            readerScheduler: both,
            writerScheduler: both,
            pauseWriterThreshold: capacity,
            resumeWriterThreshold: capacity / 2,
            minimumSegmentSize: 32 * 1024,
            useSynchronizationContext: false);
        Pipe there = new(options);
        Pipe back = new(options);
        TestLink first = new(back.Reader, there.Writer, scheduler, breaks);
        TestLink second = new(there.Reader, back.Writer, scheduler, breaks);
        first._other = second;
        second._other = first;
        return (first, second);
    }

    public void Abort(EndReason reason)
    {
        if (ThrowsWhenAborted)
        {
            throw new InvalidOperationException("This link cannot be aborted.");
        }

        if (AbortedWith is null)
        {
            AbortedWith = reason;
            (_input as Reader)?.Break(new ConnectionClosedException("We aborted the link", reason));
            _output.CancelPendingFlush();
            (_other!._input as Reader)?.Break(new IOException("Connection reset by peer"));
        }
    }

    public async ValueTask DisposeAsync()
    {
        IsDisposed = true;
        await _output.CompleteAsync();
        await _input.CompleteAsync();
    }

    private sealed class Reader(PipeReader inner, NodeScheduler? scheduler) : PipeReader
    {
        private Exception? _broken;

        public void Break(Exception cause)
        {
            _broken ??= cause;
            inner.CancelPendingRead();
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            Assert.True(scheduler is null || scheduler.IsCurrent, "Somebody reads who is not on the scheduler.");
            ValueTask<ReadResult> reading = inner.ReadAsync(cancellationToken);
            return reading.IsCompletedSuccessfully ? new ValueTask<ReadResult>(Checked(reading.Result)) : FinishAsync(reading);
        }

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

        private async ValueTask<ReadResult> FinishAsync(ValueTask<ReadResult> reading) => Checked(await reading);

        private ReadResult Checked(ReadResult result) => _broken is null ? result : throw _broken;
    }
}
