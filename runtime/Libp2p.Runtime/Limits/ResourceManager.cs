using System.Diagnostics.CodeAnalysis;
using Libp2p.Connections;

namespace Libp2p.Limits;

/// <summary>Counts connections, streams and memory of one node against its <see cref="ResourceLimits"/>. Never waits.</summary>
public sealed class ResourceManager : IResourceManager, IResourceScope
{
    private readonly KeyedCounter<PeerId> _peers = new();
    private readonly KeyedCounter<(PeerId Peer, ProtocolId Protocol, Direction Direction)> _protocols = new();
    private readonly NetworkShares _networks;
    private readonly Counter _connections;
    private readonly Counter _memory;
    private readonly Counter _streams;
    private readonly Counter _pendingInbound;
    private readonly LinkedList<ConnectionLease> _pending = new(); // also the lock that guards it
    private int _inboundConnections;
    private int _inboundStreams;

    /// <summary>A manager with these ceilings.</summary>
    /// <param name="limits">The ceilings.</param>
    /// <param name="time">Tells the age of leases; null: the system's.</param>
    public ResourceManager(ResourceLimits limits, TimeProvider? time = null)
    {
        Limits = limits;
        Messages = new MessageCeiling(limits);
        Time = time ?? TimeProvider.System;
        _networks = new NetworkShares(limits, Time);
        _connections = new Counter(limits.Connections);
        _memory = new Counter(limits.Memory);
        _streams = new Counter(limits.Streams);
        _pendingInbound = new Counter(limits.PendingInbound);
    }

    /// <summary>The ceilings.</summary>
    public ResourceLimits Limits { get; }

    /// <inheritdoc/>
    public IResourceScope System => this;

    /// <inheritdoc/>
    public ResourceScopeKind Kind => ResourceScopeKind.System;

    /// <inheritdoc/>
    public string Name => "system";

    /// <inheritdoc/>
    public ResourceUsage Usage => new(
        _memory.Taken,
        Volatile.Read(ref _inboundConnections),
        (int)_connections.Taken - Volatile.Read(ref _inboundConnections),
        Volatile.Read(ref _inboundStreams),
        (int)_streams.Taken - Volatile.Read(ref _inboundStreams));

    /// <inheritdoc/>
    public bool TryReserveMemory(long bytes)
    {
        if (_memory.TryTake(bytes))
        {
            return true;
        }

        Refuse("memory");
        return false;
    }

    /// <inheritdoc/>
    public void ReleaseMemory(long bytes) => _memory.GiveBack(bytes);

    /// <inheritdoc/>
    public bool TryOpenConnection(
        Direction direction, Multiaddress remoteAddress, [NotNullWhen(true)] out IConnectionLease? lease, [NotNullWhen(false)] out string? refusal)
    {
        lease = null;
        if (!_connections.TryTake())
        {
            Refuse("connections");
            refusal = $"the node has {Limits.Connections} connections, as many as it may";
            return false;
        }

        if (direction == Direction.Inbound && !_pendingInbound.TryTake())
        {
            _connections.GiveBack();
            Refuse("pending inbound");
            refusal = $"{Limits.PendingInbound} inbound handshakes are going on, as many as may";
            return false;
        }

        NetworkPrefix? network = null;
        if (direction == Direction.Inbound && !_networks.TryTake(remoteAddress, out network, out string? bound))
        {
            _connections.GiveBack();
            _pendingInbound.GiveBack();
            Refuse(bound);
            refusal = $"the network of {remoteAddress} has as much as it may: {bound}";
            return false;
        }

        if (direction == Direction.Inbound)
        {
            Interlocked.Increment(ref _inboundConnections);
        }

        refusal = null;
        ConnectionLease taken = new(this, direction, remoteAddress, network);
        lock (_pending)
        {
            taken.Place = _pending.AddLast(taken);
        }

        lease = taken;
        return true;
    }

    /// <summary>Told of each refusal, by the name of the bound.</summary>
    internal Action<string>? Refused { get; init; }

    /// <summary>What the messages of registered operations need.</summary>
    internal MessageCeiling Messages { get; }

    internal TimeProvider Time { get; }

    internal void Refuse(string bound) => Refused?.Invoke(bound);

    /// <summary>Connections that are not yet attributed to a peer, oldest first.</summary>
    internal IReadOnlyList<ConnectionLease> Pending
    {
        get
        {
            lock (_pending)
            {
                return [.. _pending];
            }
        }
    }

    /// <summary>The connection has a peer, or is gone. Idempotent.</summary>
    internal void NotPending(ConnectionLease lease)
    {
        lock (_pending)
        {
            if (lease.Place is { } place)
            {
                _pending.Remove(place);
                lease.Place = null;
            }
        }
    }

    internal bool TryTakePeer(PeerId peer) => _peers.TryTake(peer, Limits.ConnectionsPerPeer);

    internal void GiveBackPeer(PeerId peer) => _peers.GiveBack(peer);

    internal void HandshakeOver(NetworkPrefix? network)
    {
        _pendingInbound.GiveBack();
        if (network is { } known)
        {
            _networks.EndHandshake(known);
        }
    }

    internal void GiveBackConnection(Direction direction, NetworkPrefix? network)
    {
        _connections.GiveBack();
        if (network is { } known)
        {
            _networks.GiveBack(known);
        }

        if (direction == Direction.Inbound)
        {
            Interlocked.Decrement(ref _inboundConnections);
        }
    }

    internal bool TryTakeStream(Direction direction)
    {
        if (!_streams.TryTake())
        {
            return false;
        }

        if (direction == Direction.Inbound)
        {
            Interlocked.Increment(ref _inboundStreams);
        }

        return true;
    }

    internal void GiveBackStream(Direction direction)
    {
        _streams.GiveBack();
        if (direction == Direction.Inbound)
        {
            Interlocked.Decrement(ref _inboundStreams);
        }
    }

    internal bool TryTakeProtocol(PeerId peer, ProtocolId protocol, Direction direction, int limit) =>
        _protocols.TryTake((peer, protocol, direction), limit);

    internal void GiveBackProtocol(PeerId peer, ProtocolId protocol, Direction direction) => _protocols.GiveBack((peer, protocol, direction));
}
