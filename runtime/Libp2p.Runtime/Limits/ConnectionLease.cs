using System.Diagnostics.CodeAnalysis;
using Libp2p.Connections;
using Libp2p.Security;

namespace Libp2p.Limits;

/// <summary>One connection's share of a <see cref="ResourceManager"/>.</summary>
internal sealed class ConnectionLease(ResourceManager manager, Direction direction, Multiaddress remoteAddress, NetworkPrefix? network) : IConnectionLease, IUpgradeProgress
{
    private readonly Counter _memory = new(long.MaxValue);
    private readonly Counter _inbound = new(manager.Limits.InboundStreamsPerConnection);
    private readonly Counter _negotiating = new(manager.Limits.NegotiatingPerConnection);
    private readonly StreamLeases _streams = new();
    private int _outbound;
    private int _inHandshake = direction == Direction.Inbound ? 1 : 0;
    private int _disposed;

    public ResourceScopeKind Kind => ResourceScopeKind.Connection;

    public string Name => Peer is null ? remoteAddress.ToString() : $"{Peer} at {remoteAddress}";

    public PeerId? Peer { get; private set; }

    public ResourceUsage Usage => new(
        _memory.Taken, direction == Direction.Inbound ? 1 : 0, direction == Direction.Outbound ? 1 : 0, (int)_inbound.Taken, Volatile.Read(ref _outbound));

    internal ResourceManager Manager => manager;

    internal Direction Direction => direction;

    internal Multiaddress RemoteAddress => remoteAddress;

    /// <summary>The time at which it was taken, by the node's clock.</summary>
    internal long Taken { get; } = manager.Time.GetTimestamp();

    /// <summary>How far the connection has come, while it has no peer.</summary>
    internal DialStage Stage { get; private set; } = DialStage.Transport;

    /// <summary>Who is expected at the other end; null: anyone, or not said yet.</summary>
    internal PeerId? ExpectedPeer { get; private set; }

    /// <summary>The manager's; under its lock.</summary>
    internal LinkedListNode<ConnectionLease>? Place { get; set; }

    /// <summary>The leases of its streams, oldest first.</summary>
    internal IReadOnlyList<StreamLease> Streams => _streams.Snapshot();

    public bool TryReserveMemory(long bytes)
    {
        if (!manager.TryReserveMemory(bytes))
        {
            return false;
        }

        if (_memory.TryTake(bytes, manager.Messages.PerConnection))
        {
            return true;
        }

        manager.ReleaseMemory(bytes);
        manager.Refuse("memory per connection");
        return false;
    }

    public void ReleaseMemory(long bytes)
    {
        if (_memory.GiveBack(bytes)) // what is given back after the lease has gone went with it
        {
            manager.ReleaseMemory(bytes);
        }
    }

    public bool TryAttribute(PeerId peer, [NotNullWhen(false)] out string? refusal)
    {
        if (!manager.TryTakePeer(peer))
        {
            manager.Refuse("connections per peer");
            refusal = $"{peer} has {manager.Limits.ConnectionsPerPeer} connections, as many as it may";
            return false;
        }

        Peer = peer;
        EndHandshake();
        refusal = null;
        return true;
    }

    public bool TryOpenStream(Direction direction, [NotNullWhen(true)] out IStreamLease? lease, [NotNullWhen(false)] out string? refusal)
    {
        lease = null;
        refusal = null;
        if (direction == Direction.Inbound && !_inbound.TryTake())
        {
            manager.Refuse("inbound streams per connection");
            refusal = $"the connection has {_inbound.Limit} inbound streams, as many as it may";
        }
        else if (direction == Direction.Inbound && !_negotiating.TryTake())
        {
            _inbound.GiveBack();
            manager.Refuse("negotiating per connection");
            refusal = $"{_negotiating.Limit} inbound streams of the connection are in negotiation, as many as may";
        }
        else if (!manager.TryTakeStream(direction))
        {
            GiveBack(direction, negotiating: true);
            manager.Refuse("streams");
            refusal = $"the node has {manager.Limits.Streams} streams, as many as it may";
        }

        if (refusal is not null)
        {
            return false;
        }

        if (direction == Direction.Outbound)
        {
            Interlocked.Increment(ref _outbound);
        }

        StreamLease taken = new(this, direction);
        _streams.Add(taken);
        lease = taken;
        return true;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            manager.NotPending(this);
            EndHandshake();
            manager.ReleaseMemory(_memory.Close());
            manager.GiveBackConnection(direction, network);
            if (Peer is not null)
            {
                manager.GiveBackPeer(Peer);
            }
        }
    }

    internal void EndNegotiation(Direction direction)
    {
        if (direction == Direction.Inbound)
        {
            _negotiating.GiveBack();
        }
    }

    /// <inheritdoc/>
    public void Reached(DialStage stage, ExpectedPeer expectedPeer) => (Stage, ExpectedPeer) = (stage, expectedPeer.Peer);

    /// <summary>The connection is ready for streams.</summary>
    internal void Opened() => manager.NotPending(this);

    internal void Forget(StreamLease stream) => _streams.Remove(stream);

    internal void GiveBackStream(Direction direction, bool negotiating)
    {
        GiveBack(direction, negotiating);
        manager.GiveBackStream(direction);
        if (direction == Direction.Outbound)
        {
            Interlocked.Decrement(ref _outbound);
        }
    }

    private void GiveBack(Direction direction, bool negotiating)
    {
        if (direction == Direction.Inbound)
        {
            _inbound.GiveBack();
            if (negotiating)
            {
                _negotiating.GiveBack();
            }
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
