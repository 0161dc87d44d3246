using System.Diagnostics.CodeAnalysis;
using Libp2p.Connections;

namespace Libp2p.Limits;

/// <summary>One stream's share of its connection's lease.</summary>
internal sealed class StreamLease(ConnectionLease connection, Direction direction) : IStreamLease
{
    private volatile ProtocolId? _protocol;
    private volatile ProtocolId? _agreed;
    private volatile StreamAdmission _admission;
    private long _streamId = -1;
    private readonly Counter _memory = new(long.MaxValue); // the connection's ceiling is below
    private int _disposed;

    public ResourceScopeKind Kind => ResourceScopeKind.Stream;

    internal Direction Direction => direction;

    /// <summary>The time at which it was taken, by the node's clock.</summary>
    internal long Taken { get; } = connection.Manager.Time.GetTimestamp();

    /// <summary>The agreed protocol; null while there is none.</summary>
    internal ProtocolId? Protocol => _protocol;

    /// <summary>The muxer's number of the stream; null while there is none.</summary>
    internal long? StreamId => Volatile.Read(ref _streamId) is >= 0 and long id ? id : null;

    /// <summary>The protocol that was agreed on, if its stream has to be admitted by somebody before it is attributed to it.</summary>
    internal ProtocolId? Agreed => _agreed;

    /// <summary>By whom.</summary>
    internal StreamAdmission Admission => _admission;

    /// <summary>Its neighbours in the connection's list, which guards them.</summary>
    internal StreamLease? Previous { get; set; }

    /// <inheritdoc cref="Previous"/>
    internal StreamLease? Next { get; set; }

    /// <summary>Says which stream the lease is for, so that the node's state can tell.</summary>
    public static void Attach(IStreamLease lease, long streamId)
    {
        if (lease is StreamLease ours)
        {
            Volatile.Write(ref ours._streamId, streamId);
        }
    }

    /// <summary>Says that a protocol was agreed on, and what the stream waits for before it is attributed to it.</summary>
    public static void Await(IStreamLease lease, ProtocolId protocol, StreamAdmission admission)
    {
        if (lease is StreamLease ours)
        {
            (ours._admission, ours._agreed) = (admission, protocol);
        }
    }

    public string Name => _protocol?.Value ?? "in negotiation";

    public ResourceUsage Usage => new(
        _memory.Taken, 0, 0, direction == Direction.Inbound ? 1 : 0, direction == Direction.Outbound ? 1 : 0);

    public bool TryReserveMemory(long bytes)
    {
        if (!connection.TryReserveMemory(bytes))
        {
            return false;
        }

        if (_memory.TryTake(bytes))
        {
            return true;
        }

        connection.ReleaseMemory(bytes); // the stream has ended
        return false;
    }

    public void ReleaseMemory(long bytes)
    {
        if (_memory.GiveBack(bytes))
        {
            connection.ReleaseMemory(bytes);
        }
    }

    public bool TryAttribute(ProtocolId protocol, int perPeer, [NotNullWhen(false)] out string? refusal)
    {
        PeerId peer = connection.Peer ?? throw new InvalidOperationException("The connection has no peer yet.");
        if (!connection.Manager.TryTakeProtocol(peer, protocol, direction, perPeer))
        {
            connection.Manager.Refuse("streams of a protocol per peer");
            refusal = $"{peer} has {perPeer} {(direction == Direction.Inbound ? "inbound" : "outbound")} streams of {protocol}, as many as it may";
            return false;
        }

        _protocol = protocol;
        connection.EndNegotiation(direction);
        refusal = null;
        return true;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            connection.Forget(this);
            if (_protocol is not null)
            {
                connection.Manager.GiveBackProtocol(connection.Peer!, _protocol, direction);
            }

            connection.ReleaseMemory(_memory.Close());
            connection.GiveBackStream(direction, negotiating: _protocol is null);
        }
    }
}

/// <summary>Who admits a stream whose protocol was agreed on.</summary>
internal enum StreamAdmission
{
    /// <summary>The access policy.</summary>
    Policy,

    /// <summary>The bound on the streams of its operation.</summary>
    Place,
}
