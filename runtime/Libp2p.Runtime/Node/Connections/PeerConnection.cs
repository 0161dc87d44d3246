using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Muxers;
using Libp2p.Node.Streams;
using Libp2p.Scheduling;
using Libp2p.Telemetry;
using Microsoft.Extensions.Logging;

namespace Libp2p.Node.Connections;

/// <summary>A connection to one peer: who it is, its streams in both directions, and why it ended.</summary>
internal sealed class PeerConnection : IPeerConnection, IDisposable
{
    private readonly UpgradedConnection _connection;
    private readonly NodeParts _node;
    private readonly ILogger _log;
    private readonly InboundStreams _inbound;
    private readonly OutboundStreams _outbound;
    private readonly ProtocolMemory _memory;
    private readonly StreamCount _streams = new();
    private readonly OwnedWork _keeping = new();
    private readonly CancellationTokenSource _closing = new(); // without a timer: nothing to dispose of, and whoever comes late may cancel it

    /// <summary>A connection over an upgraded one.</summary>
    /// <param name="id">Unique in the node.</param>
    /// <param name="connection">Owned.</param>
    /// <param name="direction">Who opened it.</param>
    /// <param name="lease">Owned; attributed to the peer.</param>
    /// <param name="node">What all connections of the node share.</param>
    public PeerConnection(long id, UpgradedConnection connection, Direction direction, IConnectionLease lease, NodeParts node)
    {
        Id = id;
        Direction = direction;
        Lease = (ConnectionLease)lease;
        Lease.Opened();
        _connection = connection;
        _node = node;
        _log = node.Logging.CreateLogger<PeerConnection>();
        _memory = new ProtocolMemory(this, node, _log);
        _inbound = new InboundStreams(this, node, _log);
        _outbound = new OutboundStreams(this, node, _memory);
    }

    public long Id { get; }

    public Direction Direction { get; }

    public PeerId RemotePeer => _connection.Security.RemotePeer;

    public PublicKey RemoteKey => _connection.Security.RemoteKey;

    public Multiaddress LocalAddress => _connection.LocalAddress;

    public Multiaddress RemoteAddress => _connection.RemoteAddress;

    public bool IsRelayed => _connection.IsRelayed;

    public ConnectionLimit? Limit => _connection.Limit;

    public ProtocolId? Security => _connection.Security.Protocol;

    public ProtocolId? Muxer => _connection.Muxer;

    public bool IsEarlyMuxer => _connection.Security.EarlyMuxer is not null;

    public TimeProvider Time => _node.Seams.Time;

    public NodeScheduler Scheduler => _node.Seams.Scheduler;

    public IRandomSource Random => _node.Seams.Random;

    public NodeTelemetry? Telemetry => _node.Telemetry;

    public Task<EndReason> Completion => _connection.Muxed.Completion;

    /// <summary>Whether it was made for one purpose, so that nobody else is given it.</summary>
    internal bool IsIsolated { get; init; }

    /// <summary>What the remote is known to speak.</summary>
    internal PeerProtocols Protocols => _memory.Known;

    internal IMuxedConnection Muxed => _connection.Muxed;

    internal ConnectionLease Lease { get; }

    /// <summary>Cancelled when it serves no more.</summary>
    internal CancellationToken Closing => _closing.Token;

    /// <summary>Inbound streams being served or negotiated.</summary>
    internal int Serving => _inbound.Count;

    /// <summary>Streams being served or ended.</summary>
    internal int RunningTasks => _inbound.Count + _outbound.RunningTasks;

    internal IReadOnlySet<long> IdleStreams => _outbound.Idle;

    /// <summary>Whether streams can be opened, as far as is known: neither end is closing it.</summary>
    internal bool TakesStreams => !_outbound.IsSpent && !_closing.IsCancellationRequested && !Completion.IsCompleted;

    public T Client<T>(Protocol<T> protocol)
        where T : class => _node.Client(protocol, this);

    public async ValueTask<P2PStream> OpenStreamAsync(StreamRequest request, CancellationToken cancellationToken)
    {
        await _node.Seams.Scheduler.Enter();
        return await _outbound.OpenAsync(request, cancellationToken);
    }

    public void Return(P2PStream stream, StreamRequest request) => _outbound.Return(stream, request);

    public bool TryRun(Func<CancellationToken, Task> work) => _keeping.TryRun(work);

    public async ValueTask CloseAsync(CancellationToken cancellationToken = default)
    {
        await _node.Seams.Scheduler.Enter();
        StopServing();
        await _connection.Muxed.CloseAsync(new EndReason(EndedBy.Local, ErrorCode.None, "Closed by the application"), cancellationToken);
    }

    /// <summary>What a stream takes of the node's bounds, counted here.</summary>
    internal StreamShare Share(IStreamLease lease) => new(lease, _streams.Add());

    /// <summary>Takes no more streams from the remote.</summary>
    internal void RefuseStreams() => _inbound.Refuse();

    /// <summary>Ends the long-lived streams that would be opened again, and waits until the other ones that are open have ended.</summary>
    internal async Task DrainAsync(CancellationToken cancellationToken)
    {
        _outbound.EndIdle();
        await EndKeepingAsync().WaitAsync(cancellationToken);
        await _streams.NoneAsync().WaitAsync(cancellationToken);
    }

    /// <summary>Closes in order, and breaks off when patience is over. Never throws.</summary>
    internal async Task LeaveAsync(EndReason reason, CancellationToken patience)
    {
        StopServing();
        await OrderlyClose.RunAsync(_connection.Muxed, reason, patience);
    }

    /// <summary>Serves inbound streams until the connection has ended and everything of it has settled. Never throws.</summary>
    internal async Task<EndReason> RunAsync()
    {
        _memory.Recall();
        EndReason reason = await ServeAsync();
        StopServing();
        ShutdownSequence shutdown = new(_log);
        await shutdown.RunAsync("long-lived streams", _keeping.DisposeAsync);
        await shutdown.RunAsync("inbound streams", () => new ValueTask(_inbound.CloseAsync()));
        await shutdown.RunAsync("outbound streams", () => new ValueTask(_outbound.CloseAsync()));
        await shutdown.RunAsync("the peer store's work", () => new ValueTask(_memory.CloseAsync()));
        await OrderlyClose.DisposeAsync(_connection, _log);
        Dispose();
        return reason;
    }

    /// <summary>Gives back what the connection holds, when nothing of it runs any more.</summary>
    public void Dispose() => Lease.Dispose();

    private async Task<EndReason> ServeAsync()
    {
        try
        {
            await _inbound.RunAsync();
            return await Completion;
        }
        catch (Exception e) // muxers are anybody's
        {
            EndReason failed = new(EndedBy.Local, ErrorCode.None, $"The muxer failed: {e.Message}", e);
            _connection.Abort(failed);
            return failed;
        }
    }

    /// <summary>An async method of our own, so that cancelling the wait for it stays on the node's scheduler.</summary>
    private async Task EndKeepingAsync() => await _keeping.DisposeAsync();

    private void StopServing()
    {
        _closing.Cancel();
        _outbound.EndIdle();
    }
}
