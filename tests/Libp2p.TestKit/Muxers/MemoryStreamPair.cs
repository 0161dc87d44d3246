using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Muxers;
using Libp2p.Scheduling;

namespace Libp2p.TestKit;

/// <summary>Two ends of one stream without a muxer: enough of <see cref="IMuxedStream"/> for what is built upon it.</summary>
public sealed class MemoryStreamPair
{
    public MemoryStreamPair(NodeScheduler? scheduler = null, int segmentSize = -1, long pauseAt = 128 * 1024)
    {
        PipePair pipes = new(scheduler, segmentSize, pauseAt);
        Initiator = new MemoryStreamEnd(Direction.Outbound, pipes.SecondToFirst, pipes.FirstToSecond);
        Responder = new MemoryStreamEnd(Direction.Inbound, pipes.FirstToSecond, pipes.SecondToFirst);
        Initiator.Remote = Responder;
        Responder.Remote = Initiator;
    }

    public MemoryStreamEnd Initiator { get; }

    public MemoryStreamEnd Responder { get; }
}

/// <summary>One end of a <see cref="MemoryStreamPair"/>.</summary>
public sealed class MemoryStreamEnd : IMuxedStream
{
    private readonly Pipe _incoming;
    private readonly Pipe _outgoing;
    private readonly CancellationTokenSource _aborted = new();
    private EndReason? _end;

    internal MemoryStreamEnd(Direction direction, Pipe incoming, Pipe outgoing) =>
        (Direction, _incoming, _outgoing) = (direction, incoming, outgoing);

    internal MemoryStreamEnd? Remote { get; set; }

    public long Id => 1;

    public Direction Direction { get; }

    public PipeReader Input => _incoming.Reader;

    public PipeWriter Output => _outgoing.Writer;

    public EndReason? End => _end;

    public CancellationToken Aborted => _aborted.Token;

    /// <summary>Whether our direction was ended in order.</summary>
    public bool IsWriteClosed { get; private set; }

    public bool IsDisposed { get; private set; }

    public ValueTask CloseWriteAsync(CancellationToken cancellationToken)
    {
        IsWriteClosed = true;
        return _outgoing.Writer.CompleteAsync();
    }

    public void CloseRead(ErrorCode code) => _incoming.Reader.Complete();

    public void Reset(EndReason reason)
    {
        Finish(reason);
        Remote?.Finish(reason with { By = EndedBy.Remote, Cause = null });
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        _outgoing.Writer.Complete();
        _incoming.Reader.Complete();
        return ValueTask.CompletedTask;
    }

    private void Finish(EndReason reason)
    {
        if (Interlocked.CompareExchange(ref _end, reason, null) is null)
        {
            _incoming.Writer.Complete(new StreamResetException(reason.Reason, reason));
            _aborted.Cancel();
        }
    }
}
