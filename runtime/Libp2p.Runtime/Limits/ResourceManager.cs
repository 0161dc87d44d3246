using System.Diagnostics.CodeAnalysis;
using Libp2p.Connections;

namespace Libp2p.Limits;

/// <summary>
/// The ledger of one node: counts connections, streams and memory in their scopes against <see cref="ResourceLimits"/>. Thread-safe.
/// </summary>
public sealed class ResourceManager : IResourceManager
{
    private readonly CountingScope _system;
    private readonly CountingScope _transient;
    private readonly ScopeTable<PeerId, PeerScope> _peers;
    private readonly ScopeTable<ProtocolId, CountingScope> _protocols;
    private readonly NetworkShares _networks;
    private readonly Counter _pendingInbound;
    private readonly LinkedList<ConnectionLease> _pending = new(); // also the lock that guards it

    /// <summary>A ledger with these ceilings.</summary>
    /// <param name="limits">The ceilings.</param>
    /// <param name="time">Tells the age of leases; null: the system's.</param>
    public ResourceManager(ResourceLimits limits, TimeProvider? time = null)
    {
        Limits = limits;
        Messages = new MessageCeiling(limits);
        Time = time ?? TimeProvider.System;
        _system = new CountingScope(ResourceScopeKind.System, "system", null, limits.Memory, limits.Streams, limits.Connections);
        _transient = new CountingScope(ResourceScopeKind.Transient, "transient", _system);
        _peers = new ScopeTable<PeerId, PeerScope>(peer => new PeerScope(peer, _system, limits));
        _protocols = new ScopeTable<ProtocolId, CountingScope>(protocol => new CountingScope(
            ResourceScopeKind.Protocol, protocol.Value, _system, limits.MemoryPerProtocol, limits.StreamsPerProtocol));
        _networks = new NetworkShares(limits, Time);
        _pendingInbound = new Counter(limits.PendingInbound);
    }

    /// <summary>The ceilings.</summary>
    public ResourceLimits Limits { get; }

    /// <inheritdoc/>
    public IResourceScope System => _system;

    /// <inheritdoc/>
    public IResourceScope Transient => _transient;

    /// <summary>What is taken of the whole node.</summary>
    public ResourceUsage Usage => _system.Usage;

    /// <summary>Told the name of the bound that refused something.</summary>
    internal Action<string>? Refused { get; init; }

    /// <summary>What the messages of registered operations need.</summary>
    internal MessageCeiling Messages { get; }

    internal TimeProvider Time { get; }

    internal CountingScope SystemScope => _system;

    internal CountingScope TransientScope => _transient;

    /// <summary>Connections that are not yet ready for streams, oldest first.</summary>
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

    /// <summary>The scopes of the peers that have connections, in no order.</summary>
    internal IReadOnlyList<PeerScope> Peers => _peers.Snapshot();

    /// <summary>The scopes of the protocols that have streams, in no order.</summary>
    internal IReadOnlyList<CountingScope> Protocols => _protocols.Snapshot();

    /// <inheritdoc/>
    public IResourceScope? FindPeer(PeerId peer) => _peers.Find(peer);

    /// <inheritdoc/>
    public IResourceScope? FindProtocol(ProtocolId protocol) => _protocols.Find(protocol);

    /// <inheritdoc/>
    public bool TryOpenConnection(
        Direction direction, Multiaddress remoteAddress, [NotNullWhen(true)] out IConnectionLease? lease, [NotNullWhen(false)] out string? refusal)
    {
        lease = TryLease(direction, remoteAddress, out refusal);
        return refusal is null;
    }

    /// <summary>As <see cref="TryOpenConnection"/>: the lease, or null with the refusal.</summary>
    internal ConnectionLease? TryLease(Direction direction, Multiaddress remoteAddress, out string? refusal)
    {
        NetworkPrefix? network = null;
        refusal = !_system.TryTakeConnection(direction) ? Refuse("connections", $"the node has {Limits.Connections} connections, as many as it may") : null;
        if (refusal is null && direction == Direction.Inbound)
        {
            refusal = RefusalOf(remoteAddress, out network);
            if (refusal is not null)
            {
                _system.GiveBackConnection(direction);
            }
        }

        if (refusal is not null)
        {
            return null;
        }

        _transient.TryTakeConnection(direction);
        ConnectionLease lease = new(this, direction, remoteAddress, network);
        lock (_pending)
        {
            lease.Place = _pending.AddLast(lease);
        }

        return lease;
    }

    /// <summary>Reports a refusal by the name of its bound.</summary>
    /// <returns>The sentence.</returns>
    internal string Refuse(string bound, string refusal)
    {
        Refused?.Invoke(bound);
        return refusal;
    }

    /// <summary>The connection is ready for streams, or is gone. Idempotent.</summary>
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

    internal PeerScope EnterPeer(PeerId peer) => _peers.Enter(peer);

    internal void LeavePeer(PeerId peer) => _peers.Leave(peer);

    internal CountingScope EnterProtocol(ProtocolId protocol) => _protocols.Enter(protocol);

    internal void LeaveProtocol(ProtocolId protocol) => _protocols.Leave(protocol);

    /// <summary>An inbound handshake is over.</summary>
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
        _system.GiveBackConnection(direction);
        if (network is { } known)
        {
            _networks.GiveBack(known);
        }
    }

    private string? RefusalOf(Multiaddress remoteAddress, out NetworkPrefix? network)
    {
        network = null;
        if (!_pendingInbound.TryTake())
        {
            return Refuse("pending inbound", $"{Limits.PendingInbound} inbound handshakes are going on, as many as may");
        }

        if (_networks.TryTake(remoteAddress, out network, out string? bound))
        {
            return null;
        }

        _pendingInbound.GiveBack();
        return Refuse(bound, $"the network of {remoteAddress} has as much as it may: {bound}");
    }
}
