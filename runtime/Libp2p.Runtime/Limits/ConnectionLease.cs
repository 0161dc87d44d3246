using System.Diagnostics.CodeAnalysis;
using Libp2p.Connections;

namespace Libp2p.Limits;

/// <summary>One connection's share of a <see cref="ResourceManager"/>.</summary>
internal sealed class ConnectionLease(ResourceManager manager, Direction direction, Multiaddress remoteAddress) : IConnectionLease
{
    private readonly Counter _memory = new(manager.Limits.MemoryPerConnection);
    private readonly Counter _inbound = new(manager.Limits.InboundStreamsPerConnection);
    private readonly Counter _negotiating = new(manager.Limits.NegotiatingPerConnection);
    private int _outbound;
    private int _inHandshake = direction == Direction.Inbound ? 1 : 0;
    private int _disposed;

    public ResourceScopeKind Kind => ResourceScopeKind.Connection;

    public string Name => Peer is null ? remoteAddress.ToString() : $"{Peer} at {remoteAddress}";

    public PeerId? Peer { get; private set; }

    public ResourceUsage Usage => new(
        _memory.Taken, direction == Direction.Inbound ? 1 : 0, direction == Direction.Outbound ? 1 : 0, (int)_inbound.Taken, Volatile.Read(ref _outbound));

    internal ResourceManager Manager => manager;

    public bool TryReserveMemory(long bytes)
    {
        if (!_memory.TryTake(bytes))
        {
            return false;
        }

        if (manager.TryReserveMemory(bytes))
        {
            return true;
        }

        _memory.GiveBack(bytes);
        return false;
    }

    public void ReleaseMemory(long bytes)
    {
        _memory.GiveBack(bytes);
        manager.ReleaseMemory(bytes);
    }

    public bool TryAttribute(PeerId peer, [NotNullWhen(false)] out string? refusal)
    {
        if (!manager.TryTakePeer(peer))
        {
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
            refusal = $"the connection has {_inbound.Limit} inbound streams, as many as it may";
        }
        else if (direction == Direction.Inbound && !_negotiating.TryTake())
        {
            _inbound.GiveBack();
            refusal = $"{_negotiating.Limit} inbound streams of the connection are in negotiation, as many as may";
        }
        else if (!manager.TryTakeStream(direction))
        {
            GiveBack(direction, negotiating: true);
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

        lease = new StreamLease(this, direction);
        return true;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            EndHandshake();
            manager.ReleaseMemory(_memory.Taken);
            manager.GiveBackConnection(direction);
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
            manager.HandshakeOver();
        }
    }
}
