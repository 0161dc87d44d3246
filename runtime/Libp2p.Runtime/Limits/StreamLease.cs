using System.Diagnostics.CodeAnalysis;
using Libp2p.Connections;
using Libp2p.Scheduling;

namespace Libp2p.Limits;

/// <summary>
/// One stream's place in the scopes: its connection's, its protocol's once that is agreed, and among the streams that its peer has of an
/// operation. What is given back after its disposal is not counted twice: disposal gave all of it back.
/// </summary>
internal sealed class StreamLease(ConnectionLease connection, Direction direction) : IStreamLease
{
    /// <summary>
    /// Time that a stream waits for a place where none is declared: an initiator that keeps to the bound opens its next stream as soon as it
    /// has the answer, which may be before the last one has ended here.
    /// </summary>
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new(); // memory and the protocol's scope
    private readonly List<StreamPlace> _places = new(1);
    private CountingScope? _protocolScope;
    private long _memory;
    private long _streamId = -1;
    private bool _isDisposed;

    public ResourceScopeKind Kind => ResourceScopeKind.Stream;

    public string Name => Protocol?.Value ?? "in negotiation";

    public ResourceUsage Usage => new(
        Volatile.Read(ref _memory), 0, 0, direction == Direction.Inbound ? 1 : 0, direction == Direction.Outbound ? 1 : 0);

    internal Direction Direction => direction;

    /// <summary>The time at which it was taken, by the node's clock.</summary>
    internal long Taken { get; } = connection.Manager.Time.GetTimestamp();

    /// <summary>The protocol whose scope has it; null while there is none.</summary>
    internal ProtocolId? Protocol { get; private set; }

    /// <summary>The protocol that was agreed on; set before the stream waits for its admission.</summary>
    internal ProtocolId? Agreed { get; private set; }

    /// <summary>What it waits for before its handler gets it.</summary>
    internal StreamAdmission Admission { get; private set; }

    /// <summary>The muxer's number of the stream; null while there is none.</summary>
    internal long? StreamId
    {
        get => Volatile.Read(ref _streamId) is >= 0 and long id ? id : null;
        set => Volatile.Write(ref _streamId, value ?? -1);
    }

    /// <summary>The stream, once its protocol is agreed: reset when another one takes its place.</summary>
    internal P2PStream? Stream { get; private set; }

    /// <summary>Its peer's scope, which counts it beside its connection; null before it was counted.</summary>
    internal CountingScope? Shared { get; set; }

    /// <summary>Its neighbours in the connection's list; under the connection's lock.</summary>
    internal StreamLease? Previous { get; set; }

    /// <inheritdoc cref="Previous"/>
    internal StreamLease? Next { get; set; }

    public void Attach(P2PStream stream) => Stream = stream;

    public bool TryReserveMemory(long bytes) => TryReserveMemory(bytes, out _);

    public bool TryReserveMemory(long bytes, [NotNullWhen(false)] out string? refusal)
    {
        if (!connection.TryReserveMemory(bytes, out refusal))
        {
            return false;
        }

        bool isTaken, isOver;
        lock (_gate)
        {
            isOver = _isDisposed;
            isTaken = !isOver && _protocolScope?.TryTakeMemory(bytes) != false;
            _memory += isTaken ? bytes : 0;
        }

        if (!isTaken)
        {
            connection.ReleaseMemory(bytes);
            refusal = connection.Manager.Refuse(
                "memory per protocol", isOver ? "the stream is over" : "its protocol holds as much as it may (ResourceLimits.MemoryPerProtocol)");
        }

        return isTaken;
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
            _protocolScope?.GiveBackMemory(bytes);
        }

        connection.ReleaseMemory(bytes);
    }

    public bool TryAttribute(ProtocolId protocol, [NotNullWhen(false)] out string? refusal)
    {
        ResourceManager manager = connection.Manager;
        CountingScope scope = manager.EnterProtocol(protocol);
        if (!scope.TryTakeStream(direction))
        {
            manager.LeaveProtocol(protocol);
            refusal = manager.Refuse("streams per protocol", $"the node has {manager.Limits.StreamsPerProtocol} streams of {protocol}, as many as it may");
            return false;
        }

        lock (_gate)
        {
            scope.TryTakeMemory(_memory); // of a negotiation: a full protocol is refused by its next bytes
            (_protocolScope, Protocol, Agreed) = (scope, protocol, protocol);
        }

        if (direction == Direction.Inbound)
        {
            connection.EndNegotiation();
        }

        refusal = null;
        return true;
    }

    public ValueTask EnterAsync(OperationBound bound, CancellationToken cancellationToken)
    {
        PeerScope peer = connection.PeerScope ?? throw new InvalidOperationException("The connection has no peer yet.");
        BoundKey key = new(direction, bound.Subject, bound.Operation);
        StreamPlace place = new(this);
        bool replaces = direction == Direction.Inbound && bound.WhenFull == WhenFull.ReplaceOldest;
        if (peer.TryEnter(place, key, bound.Limit, replaces, out StreamPlace? replaced))
        {
            _places.Add(place);
            replaced?.Stream.Stream?.Reset(new EndReason(EndedBy.Limit, ErrorCode.Supplanted, $"{replaced.Stream.Agreed}: a newer stream took its place"));
            return ValueTask.CompletedTask;
        }

        bool isGiven = direction == Direction.Inbound && bound.WhenFull == WhenFull.Default; // a moment, for a stream that is just ending
        bool waits = isGiven || bound.WhenFull == WhenFull.Wait || (direction == Direction.Outbound && bound.WhenFull != WhenFull.Refuse);
        return waits ? WaitAsync(place, peer, key, bound, isGiven ? s_moment : null, cancellationToken) : throw Full(peer.Peer, bound);
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
            (memory, _memory) = (_memory, 0);
        }

        foreach (StreamPlace place in _places)
        {
            connection.PeerScope!.Leave(place);
        }

        if (_protocolScope is not null)
        {
            _protocolScope.GiveBackMemory(memory);
            _protocolScope.GiveBackStream(direction);
            connection.Manager.LeaveProtocol(Protocol!);
        }

        connection.ReleaseMemory(memory);
        if (Shared is not null)
        {
            connection.GiveBackStream(this, isNegotiating: direction == Direction.Inbound && Protocol is null);
        }
    }

    /// <summary>A protocol was agreed on, and the stream waits for its admission.</summary>
    internal void Await(ProtocolId protocol, StreamAdmission admission) => (Admission, Agreed) = (admission, protocol);

    private async ValueTask WaitAsync(
        StreamPlace place, PeerScope peer, BoundKey key, OperationBound bound, TimeSpan? time, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using Deadline deadline = Deadline.Start(time, connection.Manager.Time, cancellationToken);
        connection.Manager.EnterPeer(peer.Peer); // the scope outlives the connection while a stream waits in it
        try
        {
            Task entered = peer.EnterOrWait(place, key, bound.Limit);
            using CancellationTokenRegistration registration = deadline.Token.UnsafeRegister(
                static state => ((Wait)state!).GiveUp(), new Wait(peer, place));
            await entered;
        }
        catch (OperationCanceledException) when (deadline.IsOver)
        {
            throw Full(peer.Peer, bound);
        }
        catch (OperationCanceledException e)
        {
            throw new OperationCanceledException("A stream was waited for in vain", e, cancellationToken);
        }
        finally
        {
            connection.Manager.LeavePeer(peer.Peer);
        }

        _places.Add(place);
        deadline.Token.ThrowIfCancellationRequested();
    }

    private LimitExceededException Full(PeerId peer, in OperationBound bound) => new(direction == Direction.Inbound
        ? $"{peer} has {bound.Limit} inbound streams of {Agreed ?? bound.Subject}, as many as it may"
        : $"{bound.Limit} streams of {bound.Subject} are open towards {peer}, as many as may");

    private sealed record Wait(PeerScope Peer, StreamPlace Place)
    {
        public void GiveUp() => Peer.Leave(Place);
    }
}

/// <summary>What admits a stream whose protocol was agreed on.</summary>
internal enum StreamAdmission
{
    /// <summary>The access policy.</summary>
    Policy,

    /// <summary>The bound on the streams of its operation.</summary>
    Place,
}
