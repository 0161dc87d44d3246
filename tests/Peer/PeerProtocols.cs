using Libp2p.Protocols.Echo;
using Libp2p.Protocols.Perf;
using Libp2p.Protocols.Ping;

namespace Libp2p.Peer;

/// <summary>The protocols as a load target serves and calls them: without their bounds on numbers and time.</summary>
internal static class PeerProtocols
{
    public const int Many = 100_000;

    public static readonly Protocol<IEcho> Echo = IEcho.Protocol.With("Echo", Unbounded);

    public static readonly Protocol<IPing> Ping = IPing.Protocol.With("Ping", limits => limits with { InboundPerPeer = Many, OutboundPerPeer = Many });

    public static readonly Protocol<IPerf> Perf = IPerf.Protocol.With("Measure", Unbounded);

    private static OperationLimits Unbounded(OperationLimits limits) =>
        limits with { Exchange = null, Idle = null, InboundPerPeer = Many, OutboundPerPeer = Many };
}
