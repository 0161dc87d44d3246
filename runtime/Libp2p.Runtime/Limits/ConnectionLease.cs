using System.Diagnostics.CodeAnalysis;
using Libp2p.Connections;
using Libp2p.Security;

namespace Libp2p.Limits;

/// <summary>
/// One connection's place in the scopes: the transient one until its peer is authenticated, then the peer's. Memory that is given back
/// after the lease was disposed of is not counted twice: disposal gave all of it back.
/// </summary>
internal sealed class ConnectionLease(ResourceManager manager, Direction direction, Multiaddress remoteAddress, NetworkPrefix? network)
    : IConnectionLease, IHandshakeProgress
{
    private const string PerConnection = "memory per connection", PerPeer = "memory per peer";

    private readonly Lock _gate = new(); // the scope that shares the memory, and the list of streams
    private readonly StreamLeases _streams = new();
    private CountingScope _shared = manager.TransientScope; // or the peer's
    private long _memory;
    private int _negotiating;
    private int _inHandshake = direction == Direction.Inbound ? 1 : 0;
    private bool _isDisposed;

    public ResourceScopeKind Kind => ResourceScopeKind.Connection;

    public string Name => Peer is null ? remoteAddress.ToString() : $"{Peer} at {remoteAddress}";

    public PeerId? Peer => PeerScope?.Peer;

    public ResourceUsage Usage
    {
        get
        {
            lock (_gate)
            {
                return new ResourceUsage(
                    _memory, direction == Direction.Inbound ? 1 : 0, direction == Direction.Outbound ? 1 : 0, _streams.Inbound, _streams.Outbound);
            }
        }
    }

    internal ResourceManager Manager => manager;

    internal PeerScope? PeerScope { get; private set; }

    internal Direction Direction => direction;

    internal Multiaddress RemoteAddress => remoteAddress;

    /// <summary>The time at which it was taken, by the node's clock.</summary>
    internal long Taken { get; } = manager.Time.GetTimestamp();

    /// <summary>How far the connection has come, while it has no peer.</summary>
    internal DialStage Stage { get; private set; } = DialStage.Transport;

    /// <summary>The peer that is expected at the other end; null: anyone, or not known yet.</summary>
    internal PeerId? ExpectedPeer { get; private set; }

    /// <summary>Whether the gaters were asked about the authenticated remote.</summary>
    internal bool IsJudged { get; set; }

    /// <summary>The manager's; under its lock.</summary>
    internal LinkedListNode<ConnectionLease>? Place { get; set; }

    /// <summary>The leases of its streams, oldest first.</summary>
    internal IReadOnlyList<StreamLease> Streams
    {
        get
        {
            lock (_gate)
            {
                return _streams.Snapshot();
            }
        }
    }

    /// <summary>The time, by the node's clock, at which a stream was opened or ended last.</summary>
    internal long LastStream { get; private set; } = manager.Time.GetTimestamp();

    /// <remarks>Of a connection that is over nothing is counted, nor refused: what can still be read of it has been received.</remarks>
    public bool TryReserveMemory(long bytes) => TryReserveMemory(bytes, out _);

    /// <inheritdoc cref="TryReserveMemory(long)"/>
    public bool TryReserveMemory(long bytes, [NotNullWhen(false)] out string? refusal)
    {
        refusal = null;
        if (Volatile.Read(ref _isDisposed))
        {
            return true;
        }

        if (!manager.SystemScope.TryTakeMemory(bytes))
        {
            refusal = manager.Refuse("memory", "the node holds as much as it may (ResourceLimits.Memory)");
            return false;
        }

        string? bound;
        bool isOver;
        lock (_gate)
        {
            isOver = _isDisposed;
            bound = isOver ? null
                : bytes > manager.Messages.PerConnection - _memory ? PerConnection
                : !_shared.TryTakeMemory(bytes) ? PerPeer
                : null;
            _memory += isOver || bound is not null ? 0 : bytes;
        }

        if (isOver || bound is not null)
        {
            manager.SystemScope.GiveBackMemory(bytes);
        }

        if (bound is not null)
        {
            refusal = manager.Refuse(bound, ReferenceEquals(bound, PerConnection)
                ? "the connection holds as much as it may (ResourceLimits.MemoryPerConnection)"
                : "the peer's connections hold as much as they may (ResourceLimits.MemoryPerPeer)");
        }

        return refusal is null;
    }

    public void ReleaseMemory(long bytes)
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _memory -= bytes;
            _shared.GiveBackMemory(bytes);
        }

        manager.SystemScope.GiveBackMemory(bytes);
    }

    public bool TryAttribute(PeerId peer, [NotNullWhen(false)] out string? refusal)
    {
        PeerScope scope = manager.EnterPeer(peer);
        if (!scope.TryTakeConnection(direction))
        {
            manager.LeavePeer(peer);
            refusal = manager.Refuse("connections per peer", $"{peer} has {manager.Limits.ConnectionsPerPeer} connections, as many as it may");
            return false;
        }

        lock (_gate)
        {
            _shared.GiveBackMemory(_memory);
            _shared.GiveBackConnection(direction);
            scope.TryTakeMemory(_memory); // a handshake's few bytes: a full peer is refused by its next ones
            _shared = PeerScope = scope;
        }

        EndHandshake();
        refusal = null;
        return true;
    }

    public bool TryOpenStream(Direction direction, [NotNullWhen(true)] out IStreamLease? lease, [NotNullWhen(false)] out string? refusal)
    {
        lease = TryLeaseStream(direction, out refusal);
        return refusal is null;
    }

    public void Dispose()
    {
        long memory;
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            memory = _memory;
            _shared.GiveBackMemory(memory);
            _shared.GiveBackConnection(direction);
        }

        manager.NotPending(this);
        EndHandshake();
        manager.SystemScope.GiveBackMemory(memory);
        manager.GiveBackConnection(direction, network);
        if (Peer is not null)
        {
            manager.LeavePeer(Peer);
        }
    }

    /// <inheritdoc/>
    public void Reached(DialStage stage, ExpectedPeer expectedPeer) => (Stage, ExpectedPeer) = (stage, expectedPeer.Peer);

    /// <summary>As <see cref="TryOpenStream"/>: the lease, or null with the refusal.</summary>
    internal StreamLease? TryLeaseStream(Direction opened, out string? refusal)
    {
        StreamLease? lease = new(this, opened);
        if (TryLease(lease, out refusal))
        {
            return lease;
        }

        return null;
    }

    /// <summary>Counts a stream in the connection's, the peer's and the node's scope.</summary>
    internal bool TryLease(StreamLease lease, out string? refusal)
    {
        Direction opened = lease.Direction;
        lock (_gate)
        {
            ResourceLimits limits = manager.Limits;
            refusal = opened == Direction.Outbound ? null
                : _streams.Inbound >= limits.InboundStreamsPerConnection
                    ? manager.Refuse("inbound streams per connection", $"the connection has {limits.InboundStreamsPerConnection} inbound streams, as many as it may")
                : _negotiating >= limits.NegotiatingPerConnection
                    ? manager.Refuse("negotiating per connection", $"{limits.NegotiatingPerConnection} inbound streams of the connection are in negotiation, as many as may")
                : null;
            refusal ??= !manager.SystemScope.TryTakeStream(opened) ? manager.Refuse("streams", $"the node has {manager.Limits.Streams} streams, as many as it may") : null;
            if (refusal is null && !_shared.TryTakeStream(opened))
            {
                manager.SystemScope.GiveBackStream(opened);
                refusal = manager.Refuse("streams per peer", $"{Peer} has {manager.Limits.StreamsPerPeer} streams, as many as it may");
            }

            if (refusal is not null)
            {
                return false;
            }

            _negotiating += opened == Direction.Inbound ? 1 : 0;
            LastStream = manager.Time.GetTimestamp();
            _streams.Add(lease);
            lease.Shared = _shared;
        }

        return true;
    }

    /// <summary>The protocol of an inbound stream is agreed.</summary>
    internal void EndNegotiation()
    {
        lock (_gate)
        {
            _negotiating--;
        }
    }

    /// <summary>A stream has ended.</summary>
    internal void GiveBackStream(StreamLease stream, bool isNegotiating)
    {
        lock (_gate)
        {
            _negotiating -= isNegotiating ? 1 : 0;
            LastStream = manager.Time.GetTimestamp();
            _streams.Remove(stream);
        }

        stream.Shared!.GiveBackStream(stream.Direction);
        manager.SystemScope.GiveBackStream(stream.Direction);
    }

    /// <summary>The connection is ready for streams.</summary>
    internal void Opened() => manager.NotPending(this);

    /// <summary>Completes when no stream is open. Async, so that cancelling the wait stays on the node's scheduler.</summary>
    internal async Task NoStreamsAsync()
    {
        while (WaitForNone() is { } none)
        {
            await none;
        }
    }

    private Task? WaitForNone()
    {
        lock (_gate)
        {
            return _streams.WaitForNone();
        }
    }

    private void EndHandshake()
    {
        if (Interlocked.Exchange(ref _inHandshake, 0) == 1)
        {
            manager.HandshakeOver(network);
        }
    }
}
