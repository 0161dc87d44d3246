using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Muxers;
using Libp2p.Node.Streams;
using Libp2p.Scheduling;
using Libp2p.Telemetry;
using Microsoft.Extensions.Logging;

namespace Libp2p.Node.Connections;

/// <summary>A connection to one peer: who it is, its streams in both directions, and why it ended.</summary>
internal sealed class PeerConnection : IPeerConnection, IStreamOpener, IMeteredConnection, IDisposable
{
    private readonly UpgradedConnection _connection;
    private readonly NodeParts _node;
    private readonly ILogger _log;
    private readonly InboundStreams _inbound;
    private readonly OutboundStreams _outbound;
    private readonly ProtocolMemory _memory;
    private readonly OwnedWork _keeping = new();
    private readonly CancellationTokenSource _closing = new(); // without a timer: nothing to dispose of, and a late caller may cancel it
    private readonly long _opened;

    /// <summary>A connection over an upgraded one.</summary>
    /// <param name="id">Unique in the node.</param>
    /// <param name="connection">Owned.</param>
    /// <param name="direction">Which end opened it.</param>
    /// <param name="lease">Owned; attributed to the peer.</param>
    /// <param name="node">What all connections of the node share.</param>
    public PeerConnection(long id, UpgradedConnection connection, Direction direction, ConnectionLease lease, NodeParts node)
    {
        Id = id;
        Direction = direction;
        Lease = lease;
        Lease.Opened();
        _connection = connection;
        _node = node;
        _opened = node.Seams.Time.GetTimestamp();
        _log = node.ConnectionLogger;
        StreamHost host = new(this, connection.Muxed, lease, node, _log, _closing.Token);
        _memory = new ProtocolMemory(host);
        _inbound = new InboundStreams(host);
        _outbound = new OutboundStreams(host, _memory);
    }

    public long Id { get; }

    public Direction Direction { get; }

    PeerId? IStreamOpener.Peer => RemotePeer;

    public PeerId RemotePeer => _connection.Security.RemotePeer;

    public PublicKey RemoteKey => _connection.Security.RemoteKey;

    public Multiaddress LocalAddress => _connection.LocalAddress;

    public Multiaddress RemoteAddress => _connection.RemoteAddress;

    public bool IsRelayed => _connection.IsRelayed;

    public ConnectionLimit? Limit => _connection.Limit;

    public ProtocolId? Security => _connection.Security.Protocol;

    public ProtocolId? Muxer => _connection.Muxer;

    public bool IsEarlyMuxer => _connection.Security.EarlyMuxer is not null;

    public TimeSpan Age => Time.GetElapsedTime(_opened);

    public ConnectionActivity Activity
    {
        get
        {
            ResourceUsage usage = Lease.Usage;
            bool isBusy = usage.InboundStreams > 0 || usage.OutboundStreams > IdleStreams.Count;
            return new ConnectionActivity(usage.InboundStreams, usage.OutboundStreams, isBusy ? TimeSpan.Zero : Time.GetElapsedTime(Lease.LastStream));
        }
    }

    public TimeProvider Time => _node.Seams.Time;

    public NodeScheduler Scheduler => _node.Seams.Scheduler;

    public IRandomSource Random => _node.Seams.Random;

    public NodeTelemetry? Telemetry => _node.Telemetry;

    public Task<EndReason> Completion => _connection.Muxed.Completion;

    long IMeteredConnection.BytesSent => Muxed.BytesSent;

    long IMeteredConnection.BytesReceived => Muxed.BytesReceived;

    /// <summary>Whether it was made for one purpose, so that no other caller is given it.</summary>
    internal bool IsIsolated { get; init; }

    /// <summary>What the remote is known to support.</summary>
    internal PeerProtocols Protocols => _memory.Known;

    internal IMuxedConnection Muxed => _connection.Muxed;

    internal ConnectionLease Lease { get; }

    /// <summary>Inbound streams being served or negotiated.</summary>
    internal int Serving => _inbound.Count;

    /// <summary>Streams being served or ended.</summary>
    internal int RunningTasks => _inbound.Count + _outbound.RunningTasks;

    internal IReadOnlySet<long> IdleStreams => _outbound.Idle;

    /// <summary>Whether streams can be opened, as far as is known: neither end is closing it.</summary>
    internal bool TakesStreams => !_outbound.IsSpent && !_closing.IsCancellationRequested && Muxed.TakesStreams;

    public T Client<T>(Protocol<T> protocol)
        where T : class => _node.Client(protocol, this);

    public async ValueTask<P2PStream> OpenStreamAsync(IReadOnlyList<ProtocolId> protocols, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(protocols);
        ArgumentOutOfRangeException.ThrowIfZero(protocols.Count, nameof(protocols));
        await Scheduler.Enter();
        return await _outbound.OpenAsync(new StreamRequest(protocols) { InitiatorWritesFirst = false }, cancellationToken);
    }

    public async ValueTask<P2PStream> OpenStreamAsync(StreamRequest request, CancellationToken cancellationToken)
    {
        await Scheduler.Enter();
        return await _outbound.OpenAsync(request, cancellationToken);
    }

    public void Return(P2PStream stream, StreamRequest request) => _outbound.Return(stream, request);

    public bool TryRun(Func<CancellationToken, Task> work) => _keeping.TryRun(work);

    public bool TryAbandon(Task work, string what) => _node.Abandoned.TryLeave($"{what}, for {RemotePeer}", work);

    public ValueTask CloseAsync(CancellationToken cancellationToken = default) => CloseAsync(ErrorCode.None, "Closed by the application", cancellationToken);

    public async ValueTask CloseAsync(ErrorCode code, string reason, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        await Scheduler.Enter();
        StopServing();
        await _connection.Muxed.CloseAsync(new EndReason(EndedBy.Local, code, reason), cancellationToken);
    }

    /// <summary>Takes no more streams from the remote.</summary>
    internal void RefuseStreams() => _inbound.Refuse();

    /// <summary>Ends the long-lived streams that would be opened again, and waits until the other ones that are open have ended.</summary>
    internal async Task DrainAsync(CancellationToken cancellationToken)
    {
        _outbound.EndIdle();
        await EndKeepingAsync().WaitAsync(cancellationToken);
        await Lease.NoStreamsAsync().WaitAsync(cancellationToken);
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
        catch (Exception e) // third-party muxers may throw anything
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
