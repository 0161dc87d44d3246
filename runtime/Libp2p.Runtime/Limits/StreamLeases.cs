using Libp2p.Connections;

namespace Libp2p.Limits;

/// <summary>
/// The live stream leases of one connection, oldest first: a list through the leases, which takes no memory of its own. A pure table:
/// whoever uses it holds the lock of its <see cref="ConnectionLease"/>.
/// </summary>
internal sealed class StreamLeases
{
    private StreamLease? _first;
    private StreamLease? _last;
    private TaskCompletionSource? _none;

    public int Inbound { get; private set; }

    public int Outbound { get; private set; }

    public void Add(StreamLease lease)
    {
        lease.Previous = _last;
        _ = _last is null ? _first = lease : _last.Next = lease;
        _last = lease;
        Count(lease, 1);
    }

    /// <summary>Takes it out, once.</summary>
    public void Remove(StreamLease lease)
    {
        _ = lease.Previous is null ? _first = lease.Next : lease.Previous.Next = lease.Next;
        _ = lease.Next is null ? _last = lease.Previous : lease.Next.Previous = lease.Previous;
        Count(lease, -1);
        if (_first is null)
        {
            _none?.TrySetResult();
            _none = null;
        }
    }

    public IReadOnlyList<StreamLease> Snapshot()
    {
        List<StreamLease> leases = [];
        for (StreamLease? lease = _first; lease is not null; lease = lease.Next)
        {
            leases.Add(lease);
        }

        return leases;
    }

    /// <summary>Completes when the last lease is removed; null where there is none now.</summary>
    public Task? WaitForNone() =>
        _first is null ? null : (_none ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private void Count(StreamLease lease, int change) =>
        _ = lease.Direction == Direction.Inbound ? Inbound += change : Outbound += change;
}
