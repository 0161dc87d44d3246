using Libp2p.Connections;
using Libp2p.Scheduling;
using Libp2p.Telemetry;

namespace Libp2p.Node.Streams;

/// <summary>
/// Opens streams to one peer over the best connection there is, and dials where there is none: a node's client stands on it.
/// </summary>
/// <param name="connections">Finds and makes connections.</param>
/// <param name="node">What the parts of the node share.</param>
/// <param name="peer">The peer.</param>
internal sealed class PeerStreams(IPeerConnections connections, NodeParts node, PeerId peer) : IStreamOpener
{
    private const int MaxConnections = 3;

    public PeerId? Peer => peer;

    public TimeProvider Time => node.Seams.Time;

    public NodeScheduler Scheduler => node.Seams.Scheduler;

    public IRandomSource Random => node.Seams.Random;

    public NodeTelemetry? Telemetry => node.Telemetry;

    public ValueTask<P2PStream> OpenStreamAsync(StreamRequest request, CancellationToken cancellationToken)
    {
        bool allowLimited = request.Connection.Limited == LimitedConnections.Allow || request.Connection.Relayed == RelayedConnections.Require;
        return OpenAsync(request, allowLimited, cancellationToken);
    }

    public void Return(P2PStream stream, StreamRequest request) => ((IStreamOpener)stream.Connection!).Return(stream, request);

    public bool TryRun(Func<CancellationToken, Task> work) => node.Keeping.TryRun(work);

    public bool TryAbandon(Task work, string what) => node.Abandoned.TryLeave($"{what}, for {peer}", work);

    private async ValueTask<P2PStream> OpenAsync(StreamRequest request, bool allowLimited, CancellationToken cancellationToken)
    {
        for (int left = MaxConnections; ; left--)
        {
            IStreamOpener connection = connections.Find(peer, allowLimited) ?? await connections.ConnectAsync(peer, allowLimited, cancellationToken);
            try
            {
                return await connection.OpenStreamAsync(request, cancellationToken);
            }
            catch (ConnectionClosedException) when (left > 1)
            {
                // The connection ended before the remote saw anything of this stream: take another one, or make one.
            }
        }
    }
}

/// <summary>Finds and makes connections to a peer.</summary>
internal interface IPeerConnections
{
    /// <summary>The best open connection that takes streams; null where there is none.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="allowLimited">Whether a limited connection will do.</param>
    IStreamOpener? Find(PeerId peer, bool allowLimited);

    /// <summary>Makes a connection, or joins a dial that makes one.</summary>
    ValueTask<IStreamOpener> ConnectAsync(PeerId peer, bool allowLimited, CancellationToken cancellationToken);
}
