using Libp2p.Connections;
using Libp2p.Muxers;
using Libp2p.Muxers.Yamux;
using Libp2p.TestKit;

namespace Libp2p.Tests.Muxers.Yamux;

/// <summary>Two Yamux sessions over a link in memory.</summary>
internal static class YamuxPair
{
    public static MuxerPair Connect(
        YamuxOptions? options = null, TestScope? scope = null, TimeProvider? time = null, long linkCapacity = 256 * 1024)
    {
        (TestLink first, TestLink second) = TestLink.Pair(capacity: linkCapacity);
        YamuxMuxer muxer = new(options);
        return new MuxerPair(
            muxer.Attach(first, new MuxerContext(ConnectionRole.Initiator, TestSeams.OnThreadPool(time), scope ?? new TestScope())),
            muxer.Attach(second, new MuxerContext(ConnectionRole.Responder, TestSeams.OnThreadPool(time), scope ?? new TestScope())));
    }
}
