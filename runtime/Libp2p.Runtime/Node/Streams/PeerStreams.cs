using Libp2p.Connections;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Services;
using Libp2p.Telemetry;
using Libp2p.Transports;

namespace Libp2p.Node.Streams;

/// <summary>Opens streams to one peer over the best connection there is, and dials where there is none: what a node's client stands on.</summary>
internal sealed class PeerStreams(IDialer dialer, NodeParts node, PeerId peer) : IStreamOpener
{
    private const int MaxConnections = 3;

    public PeerId? Peer => peer;

    public TimeProvider Time => node.Seams.Time;

    public NodeScheduler Scheduler => node.Seams.Scheduler;

    public IRandomSource Random => node.Seams.Random;

    public NodeTelemetry? Telemetry => node.Telemetry;

    public async ValueTask<P2PStream> OpenStreamAsync(StreamRequest request, CancellationToken cancellationToken)
    {
        DialRequest dial = new()
        {
            ExpectedPeer = ExpectedPeer.Exactly(peer),
            AllowLimited = request.Connection.Limited == LimitedConnections.Allow || request.Connection.Relayed == RelayedConnections.Require,
        };
        for (int left = MaxConnections; ; left--)
        {
            IPeerConnection connection = await dialer.ConnectAsync(dial, cancellationToken);
            try
            {
                return await connection.OpenStreamAsync(request, cancellationToken);
            }
            catch (ConnectionClosedException) when (left > 1)
            {
                // It ended under us, and nobody has seen anything of this stream: another connection, or a new one.
            }
        }
    }

    public void Return(P2PStream stream, StreamRequest request) => stream.Connection!.Return(stream, request);

    public bool TryRun(Func<CancellationToken, Task> work) => node.Keeping.TryRun(work);
}
