using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Scheduling;

namespace Libp2p.Transports.Memory;

/// <summary>One end of a link in memory: a bounded pipe in each direction.</summary>
internal sealed class MemoryLink : IByteLink
{
    private const int Capacity = 256 * Size.KiB;

    private readonly MemoryLinkBreak _break; // of both ends

    private MemoryLink(Pipe inbound, Pipe outbound, MemoryLinkBreak both, Multiaddress localAddress, Multiaddress remoteAddress)
    {
        _break = both;
        Input = both.Over(inbound.Reader);
        Output = both.Over(outbound.Writer);
        LocalAddress = localAddress;
        RemoteAddress = remoteAddress;
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

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
        MemoryLinkBreak both = new();
        return (
            new MemoryLink(toDialer, toListener, both, dialerAddress, listenerAddress),
            new MemoryLink(toListener, toDialer, both, listenerAddress, dialerAddress));
    }

    /// <summary>Both directions break, for both ends.</summary>
    public void Abort(EndReason reason) => _break.Break(reason);

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
