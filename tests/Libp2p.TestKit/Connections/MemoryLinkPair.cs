using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Scheduling;

namespace Libp2p.TestKit;

/// <summary>Two ends of a byte link in memory.</summary>
public sealed class MemoryLinkPair
{
    public MemoryLinkPair(NodeScheduler? scheduler = null, int segmentSize = -1, long pauseAt = 128 * 1024)
    {
        Pipes = new PipePair(scheduler, segmentSize, pauseAt);
        First = new MemoryLink(Pipes.SecondToFirst, Pipes.FirstToSecond, "/memory/1", "/memory/2");
        Second = new MemoryLink(Pipes.FirstToSecond, Pipes.SecondToFirst, "/memory/2", "/memory/1");
        First.Remote = Second;
        Second.Remote = First;
    }

    public MemoryLink First { get; }

    public MemoryLink Second { get; }

    public PipePair Pipes { get; }
}

/// <summary>One end of a <see cref="MemoryLinkPair"/>.</summary>
public sealed class MemoryLink : IByteLink
{
    private readonly Pipe _incoming;
    private readonly Pipe _outgoing;

    internal MemoryLink(Pipe incoming, Pipe outgoing, string local, string remote)
    {
        _incoming = incoming;
        _outgoing = outgoing;
        LocalAddress = Multiaddress.Parse(local);
        RemoteAddress = Multiaddress.Parse(remote);
    }

    internal MemoryLink? Remote { get; set; }

    public PipeReader Input => _incoming.Reader;

    public PipeWriter Output => _outgoing.Writer;

    public Multiaddress LocalAddress { get; }

    public Multiaddress RemoteAddress { get; }

    public bool IsRelayed => false;

    public ConnectionLimit? Limit => null;

    /// <summary>Why it was aborted; null otherwise.</summary>
    public EndReason? AbortReason { get; private set; }

    public bool IsDisposed { get; private set; }

    public void Abort(EndReason reason)
    {
        if (AbortReason is null)
        {
            AbortReason = reason;
            _incoming.Writer.Complete(new ConnectionClosedException(reason.Reason, reason));
            _outgoing.Writer.Complete(new ConnectionClosedException("The remote aborted", new EndReason(EndedBy.Remote, reason.Code, "The remote aborted")));
        }
    }

    public async ValueTask DisposeAsync()
    {
        IsDisposed = true;
        await _outgoing.Writer.CompleteAsync();
        await _incoming.Reader.CompleteAsync();
    }
}
