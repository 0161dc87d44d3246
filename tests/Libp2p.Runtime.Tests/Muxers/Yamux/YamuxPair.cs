using Libp2p.Connections;
using Libp2p.Muxers;
using Libp2p.Muxers.Yamux;
using Libp2p.Scheduling;
using Libp2p.TestKit;

namespace Libp2p.Tests.Muxers.Yamux;

/// <summary>Two Yamux sessions over a link in memory.</summary>
internal static class YamuxPair
{
    public static MuxerPair Connect(YamuxOptions? options = null, long linkCapacity = 256 * 1024)
    {
        (MemoryLink first, MemoryLink second) = new MemoryLinkPair(pauseAt: linkCapacity);
        YamuxMuxer muxer = new(options);
        return new MuxerPair(Attach(muxer, first, ConnectionRole.Initiator), Attach(muxer, second, ConnectionRole.Responder));
    }

    public static IMuxedConnection Attach(YamuxMuxer muxer, MemoryLink link, ConnectionRole role, NodeScheduler? scheduler = null) =>
        muxer.Attach(link, new MuxerContext(role, TestSeams.On(scheduler ?? ThreadPoolScheduler.Instance), new TestScope()));
}
