using Libp2p.Connections;
using Libp2p.Muxers;
using Libp2p.Muxers.Yamux;
using Libp2p.TestKit;

namespace Libp2p.Tests.Muxers.Yamux;

public sealed class YamuxContractTests : MuxerContract
{
    protected override ValueTask<MuxerPair> ConnectAsync() => new(YamuxPair.Connect());
}

/// <summary>The same, with a link that takes little at a time.</summary>
public sealed class YamuxOverANarrowLinkContractTests : MuxerContract
{
    protected override ValueTask<MuxerPair> ConnectAsync() => new(YamuxPair.Connect(linkCapacity: 1000));
}

/// <summary>The same, as in a simulation: everything of both ends runs on one queue.</summary>
public sealed class YamuxOnOneQueueContractTests : MuxerContract, IDisposable
{
    private readonly OneQueueScheduler _queue = new();

    public void Dispose() => _queue.Dispose();

    protected override ValueTask<MuxerPair> ConnectAsync()
    {
        (MemoryLink first, MemoryLink second) = new MemoryLinkPair(_queue, pauseAt: 256 * 1024);
        YamuxMuxer muxer = new();
        return new ValueTask<MuxerPair>(new MuxerPair(
            muxer.Attach(first, new MuxerContext(ConnectionRole.Initiator, TestSeams.On(_queue), new TestScope())),
            muxer.Attach(second, new MuxerContext(ConnectionRole.Responder, TestSeams.On(_queue), new TestScope()))));
    }
}
