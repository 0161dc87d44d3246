using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Muxers;
using Libp2p.Negotiation;
using Libp2p.Scheduling;
using Libp2p.Telemetry;
using Microsoft.Extensions.Logging;

namespace Libp2p.Hosting;

/// <summary>A connection to one peer: serves the streams the remote opens, opens ours, and keeps why it ended.</summary>
internal sealed class PeerConnection : IPeerConnection, IDisposable
{
    private readonly UpgradedConnection _connection;
    private readonly IConnectionLease _lease;
    private readonly NodeParts _node;
    private readonly ILogger _log;
    private readonly TaskSet _serving = new();
    private readonly StreamCount _streams = new();
    private readonly TaskSet _chores = new(); // with the peer store, which may be slow
    private readonly PeerProtocols _protocols = new();
    private readonly OutboundNegotiation _negotiation;
    private readonly OwnedWork _keeping = new();
    private readonly IdleStreams _idle;
    private readonly CancellationTokenSource _closing = new();
    private volatile bool _isDraining; // the remote opens no more streams
    private volatile bool _isSpent; // the muxer opens no more streams

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
        _connection = connection;
        _lease = lease;
        Lease.Opened();
        _node = node;
        _log = node.Logging.CreateLogger<PeerConnection>();
        _idle = new IdleStreams(node.Seams.Time, _serving);
        _negotiation = new OutboundNegotiation(_protocols, node.Options, node.Seams.Time, OnRefused);
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

    internal PeerProtocols Protocols => _protocols;

    internal IMuxedConnection Muxed => _connection.Muxed;

    internal ConnectionLease Lease => (ConnectionLease)_lease;

    internal int Serving => _serving.Count;

    internal IReadOnlySet<long> IdleStreams => _idle.Ids;

    public T Client<T>(Protocol<T> protocol)
        where T : class => protocol.CreateClient(this);

    /// <summary>Whether streams can be opened, as far as is known: neither end is closing it.</summary>
    internal bool TakesStreams => !_isSpent && !_closing.IsCancellationRequested && !Completion.IsCompleted;

    public async ValueTask<P2PStream> OpenStreamAsync(StreamRequest request, CancellationToken cancellationToken)
    {
        await _node.Seams.Scheduler.Enter();
        ConnectionRules.EnsureAllows(this, request);
        if (request.ReuseIdle is not null && _idle.TryTake(request) is { } reused)
        {
            return reused;
        }

        if (_node.Gates.IsFull(RemotePeer, request) && _idle.TryTake(request) is { } idle)
        {
            await idle.DisposeAsync(); // its place serves a call that cannot use the stream itself
        }

        IDisposable place = await _node.Gates.EnterAsync(RemotePeer, request, cancellationToken);
        try
        {
            if (!_lease.TryOpenStream(Direction.Outbound, out IStreamLease? lease, out string? refusal))
            {
                throw new LimitExceededException(refusal);
            }

            return await OpenAsync(request, new StreamShare(lease, _streams.Add()) { Place = place }, lease, cancellationToken);
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    public void Return(P2PStream stream, StreamRequest request) => _idle.Give(stream, request);

    public bool TryRun(Func<CancellationToken, Task> work) => _keeping.TryRun(work);

    public async ValueTask CloseAsync(CancellationToken cancellationToken = default)
    {
        await _node.Seams.Scheduler.Enter();
        StopServing();
        await _connection.Muxed.CloseAsync(new EndReason(EndedBy.Local, ErrorCode.None, "Closed by the application"), cancellationToken);
    }

    /// <summary>Takes no more streams from the remote.</summary>
    internal void RefuseStreams() => _isDraining = true;

    /// <summary>Waits until the streams that are open have ended.</summary>
    internal async Task DrainAsync(CancellationToken cancellationToken)
    {
        _idle.Close();
        await EndKeepingAsync().WaitAsync(cancellationToken); // else they would be opened again and again
        await _streams.NoneAsync().WaitAsync(cancellationToken);
    }

    /// <summary>Closes in order, and breaks off when patience is over. Never throws.</summary>
    internal async Task LeaveAsync(EndReason reason, CancellationToken patience)
    {
        StopServing();
        await Goodbye.SayAsync(_connection.Muxed, reason, patience);
    }

    /// <summary>Serves inbound streams until the connection has ended and everything of it has settled.</summary>
    internal async Task<EndReason> RunAsync()
    {
        _chores.TryRun(RememberAsync);
        while (await _connection.Muxed.AcceptStreamAsync(CancellationToken.None) is { } stream)
        {
            _serving.TryRun(() => ServeAsync(stream));
        }

        EndReason reason = await Completion;
        StopServing();
        await _keeping.DisposeAsync();
        await _serving.CloseAsync();
        await _chores.CloseAsync();
        await _connection.DisposeAsync();
        Dispose();
        return reason;
    }

    /// <summary>Gives back what the connection holds, after <see cref="RunAsync"/> or in its place.</summary>
    /// <remarks>The token's source has no timer and needs no disposal; whoever closes a connection that has just ended may still cancel it.</remarks>
    public void Dispose() => _lease.Dispose();

    /// <summary>An async method of our own, so that cancelling the wait for it stays on the node's scheduler.</summary>
    private async Task EndKeepingAsync() => await _keeping.DisposeAsync();

    private void StopServing()
    {
        _closing.Cancel();
        _idle.Close();
    }

    private async Task<P2PStream> OpenAsync(StreamRequest request, IDisposable share, IStreamLease lease, CancellationToken cancellationToken)
    {
        IMuxedStream? muxed = null;
        try
        {
            muxed = await OpenMuxedAsync(cancellationToken);
            StreamLease.Attach(lease, muxed.Id);
            NegotiatedStream agreed = await NegotiateAsync(muxed, request, cancellationToken);
            _node.Instruments.StreamOpened(Direction.Outbound, request.Protocols[0].Value);
            return lease.TryAttribute(agreed.Protocol, int.MaxValue, out string? refusal)
                ? new P2PStream(agreed.Stream, agreed.Protocol, this, Time, share) { IsOptimistic = agreed.IsOptimistic }
                : throw new LimitExceededException(refusal);
        }
        catch (Exception e)
        {
            if (muxed is not null)
            {
                muxed.Reset(StreamEnds.Explain(e));
                await muxed.DisposeAsync();
            }

            share.Dispose();
            throw;
        }
    }

    private async ValueTask<NegotiatedStream> NegotiateAsync(IMuxedStream muxed, StreamRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await _negotiation.RunAsync(muxed, request, cancellationToken);
        }
        catch (Exception e)
        {
            _node.Instruments.NegotiationFailed(Direction.Outbound, e);
            throw;
        }
    }

    /// <summary>Takes up what earlier connections learnt.</summary>
    private Task RememberAsync() => ConsultPeerStoreAsync(async peers =>
    {
        if (await peers.GetAsync(RemotePeer, _closing.Token) is { Protocols: { Count: > 0 } protocols })
        {
            _protocols.Told(protocols);
        }
    });

    private void OnRefused(ProtocolId refused)
    {
        _node.Instruments.NegotiationFailed(Direction.Outbound, nameof(ProtocolNotSupportedException));
        _chores.TryRun(() => ForgetAsync(refused));
    }

    /// <summary>The remote refused what it was known to speak: nobody else shall believe it.</summary>
    private Task ForgetAsync(ProtocolId refused) => ConsultPeerStoreAsync(async peers =>
    {
        if (await peers.GetAsync(RemotePeer, _closing.Token) is { } known && known.Protocols.Contains(refused))
        {
            ProtocolId[] spoken = [.. known.Protocols.Where(protocol => protocol != refused)];
            await peers.SetProtocolsAsync(RemotePeer, spoken, _closing.Token);
            _node.Events.Publish(new PeerProtocolsChanged(RemotePeer, spoken));
        }
    });

    private async Task ConsultPeerStoreAsync(Func<IPeerStore, Task> work)
    {
        try
        {
            await work(_node.Peers);
        }
        catch (Exception e) // the store is anybody's, and a connection does not depend on it
        {
            ConnectionLog.PeerStoreFailed(_log, Id, e.Message, e);
        }
    }

    private async ValueTask<IMuxedStream> OpenMuxedAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _connection.Muxed.OpenStreamAsync(cancellationToken);
        }
        catch (ConnectionClosedException)
        {
            _isSpent = true; // whoever comes next takes another connection
            throw;
        }
    }

    private async Task ServeAsync(IMuxedStream muxed)
    {
        IAsyncDisposable owned = muxed;
        StreamShare? share = null;
        try
        {
            if (_isDraining)
            {
                throw new ConnectionClosedException("The node is closing", new EndReason(EndedBy.Local, ErrorCode.Shutdown, "The node is closing"));
            }

            if (!_lease.TryOpenStream(Direction.Inbound, out IStreamLease? lease, out string? refusal))
            {
                throw new LimitExceededException(refusal);
            }

            StreamLease.Attach(lease, muxed.Id);
            share = new StreamShare(lease, _streams.Add());
            if (await AgreeAsync(muxed, share) is not { } agreed)
            {
                share.Dispose();
                await muxed.DisposeAsync(); // the remote ended the stream without a protocol
                return;
            }

            P2PStream stream = new(muxed, agreed.Id, this, Time, share);
            owned = stream;
            _node.Instruments.StreamOpened(Direction.Inbound, agreed.Handler.Ids.Contains(agreed.Id) ? agreed.Id.Value : "matched");
            await HandleAsync(stream, agreed.Handler, share);
        }
        catch (Exception e) // whatever a handler throws ends its stream, never the connection
        {
            EndReason reason = StreamEnds.Explain(e);
            bool isDetached = owned is P2PStream { IsDetached: true }; // it is its taker's, and goes on
            try
            {
                Tell(muxed.Id, e, isDetached ? null : reason, wasServed: share is { IsServed: true });
            }
            finally
            {
                if (!isDetached)
                {
                    muxed.Reset(reason); // whoever learns of it finds it counted and logged
                    await owned.DisposeAsync();
                }
            }
        }
    }

    private void Tell(long stream, Exception failure, EndReason? reset, bool wasServed)
    {
        if (!wasServed)
        {
            _node.Instruments.StreamRefused(failure);
        }
        else if (failure is not (IOException or OperationCanceledException))
        {
            ConnectionLog.HandlerFailed(_log, Id, stream, failure);
        }

        if (reset is not null)
        {
            ConnectionLog.StreamFailed(_log, Id, stream, reset.Reason, failure);
        }
    }

    /// <summary>Agrees on a protocol with the remote; the lease is given back on failure, as nothing else holds it yet.</summary>
    private async ValueTask<Agreed<StreamHandler>?> AgreeAsync(IMuxedStream muxed, IDisposable share)
    {
        using Deadline deadline = Deadline.Start(_node.Options.NegotiationTimeout, Time, _closing.Token);
        try
        {
            return await MultistreamSelect.RespondAsync(muxed, _node.Handlers, deadline.Token);
        }
        catch (Exception e)
        {
            share.Dispose();
            Exception cause = e is OperationCanceledException && deadline.IsOver ? deadline.Exceeded("Stream negotiation", e) : e;
            _node.Instruments.NegotiationFailed(Direction.Inbound, cause);
            if (cause != e)
            {
                throw cause;
            }

            throw;
        }
    }

    private async ValueTask HandleAsync(P2PStream stream, StreamHandler handler, StreamShare share)
    {
        ConnectionRules.EnsureAllows(this, handler, stream.Protocol);
        await _node.Access.EnsureAdmittedAsync(stream, handler, _closing.Token);
        share.Place = _node.InboundGates.TryEnter(RemotePeer, handler, stream, out IDisposable? place) ? place : await WaitForPlaceAsync(stream, handler);
        if (!share.Lease.TryAttribute(stream.Protocol, int.MaxValue, out string? refusal)) // the gate counts them, over all ids
        {
            throw new LimitExceededException(refusal);
        }

        share.IsServed = true;
        await handler.HandleAsync(stream, _closing.Token);
        if (!stream.IsDetached)
        {
            await stream.DisposeAsync();
        }
    }

    private async ValueTask<IDisposable> WaitForPlaceAsync(P2PStream stream, StreamHandler handler)
    {
        using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(stream.Aborted, _closing.Token);
        using Deadline deadline = Deadline.Start(handler.Limits.Exchange ?? _node.Options.NegotiationTimeout, Time, ends.Token);
        try
        {
            return await _node.InboundGates.EnterAsync(RemotePeer, handler, stream, deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsOver)
        {
            throw new LimitExceededException(
                $"{RemotePeer} has {handler.Limits.InboundPerPeer} inbound streams of {stream.Protocol}, as many as it may, and none ended in time");
        }
    }

    /// <summary>What a stream takes of the node's bounds: its lease, and its place among the streams of its operation.</summary>
    private sealed class StreamShare(IStreamLease lease, IDisposable counted) : IDisposable
    {
        public IStreamLease Lease => lease;

        public IDisposable? Place { get; set; }

        /// <summary>Whether a handler has it.</summary>
        public bool IsServed { get; set; }

        public void Dispose()
        {
            lease.Dispose();
            Place?.Dispose();
            counted.Dispose();
        }
    }
}
