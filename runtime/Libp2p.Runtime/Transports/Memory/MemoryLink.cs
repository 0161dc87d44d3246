using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Scheduling;

namespace Libp2p.Transports.Memory;

/// <summary>One end of a link in memory: a bounded pipe in each direction.</summary>
internal sealed class MemoryLink : IByteLink
{
    private const int Capacity = 256 * Size.KiB;

    private readonly Pipe _inbound; // what the other end writes
    private readonly Pipe _outbound;

    private MemoryLink(Pipe inbound, Pipe outbound, Multiaddress localAddress, Multiaddress remoteAddress)
    {
        _inbound = inbound;
        _outbound = outbound;
        LocalAddress = localAddress;
        RemoteAddress = remoteAddress;
    }

    public PipeReader Input => _inbound.Reader;

    public PipeWriter Output => _outbound.Writer;

    public Multiaddress LocalAddress { get; }

    public Multiaddress RemoteAddress { get; }

    public bool IsRelayed => false;

    public ConnectionLimit? Limit => null;

    /// <summary>Two ends, each of whose readers and writers continue on its own node's scheduler.</summary>
    public static (MemoryLink Dialer, MemoryLink Listener) CreatePair(
        NodeScheduler dialer, NodeScheduler listener, Multiaddress dialerAddress, Multiaddress listenerAddress)
    {
        Pipe toListener = new(Options(reader: listener, writer: dialer));
        Pipe toDialer = new(Options(reader: dialer, writer: listener));
        return (new MemoryLink(toDialer, toListener, dialerAddress, listenerAddress), new MemoryLink(toListener, toDialer, listenerAddress, dialerAddress));
    }

    /// <summary>Both directions break, for both ends.</summary>
    public void Abort(EndReason reason)
    {
        IOException broken = new($"The link was aborted: {reason.Reason}", reason.Cause);
        _outbound.Writer.Complete(broken);
        _inbound.Writer.Complete(broken);
    }

    public async ValueTask DisposeAsync()
    {
        await Output.CompleteAsync();
        await Input.CompleteAsync();
    }

    private static PipeOptions Options(NodeScheduler reader, NodeScheduler writer) => new(
        readerScheduler: reader,
        writerScheduler: writer,
        pauseWriterThreshold: Capacity,
        resumeWriterThreshold: Capacity / 2,
        useSynchronizationContext: false);
}
