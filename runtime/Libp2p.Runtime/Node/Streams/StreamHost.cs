using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Muxers;
using Libp2p.Scheduling;
using Microsoft.Extensions.Logging;

namespace Libp2p.Node.Streams;

/// <summary>What the streams of one connection stand on.</summary>
/// <param name="Connection">The connection as handlers and callers see it.</param>
/// <param name="Muxed">Opens and accepts streams.</param>
/// <param name="Lease">Admits them.</param>
/// <param name="Node">What all connections of the node share.</param>
/// <param name="Log">Where to log.</param>
/// <param name="Closing">Cancelled when the connection serves no more.</param>
internal sealed record StreamHost(
    IPeerConnection Connection, IMuxedConnection Muxed, ConnectionLease Lease, NodeParts Node, ILogger Log, CancellationToken Closing)
{
    public PeerId RemotePeer => Connection.RemotePeer;

    public TimeProvider Time => Node.Seams.Time;

    public NodeScheduler Scheduler => Node.Seams.Scheduler;
}
