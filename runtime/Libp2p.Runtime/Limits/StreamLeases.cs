namespace Libp2p.Limits;

/// <summary>The live stream leases of one connection, oldest first. Takes no memory of its own for them. Thread-safe.</summary>
internal sealed class StreamLeases
{
    private readonly Lock _lock = new();
    private StreamLease? _first;
    private StreamLease? _last;

    public void Add(StreamLease lease)
    {
        lock (_lock)
        {
            lease.Previous = _last;
            _ = _last is null ? _first = lease : _last.Next = lease;
            _last = lease;
        }
    }

    /// <summary>Takes it out, once.</summary>
    public void Remove(StreamLease lease)
    {
        lock (_lock)
        {
            _ = lease.Previous is null ? _first = lease.Next : lease.Previous.Next = lease.Next;
            _ = lease.Next is null ? _last = lease.Previous : lease.Next.Previous = lease.Previous;
        }
    }

    public IReadOnlyList<StreamLease> Snapshot()
    {
        List<StreamLease> leases = [];
        lock (_lock)
        {
            for (StreamLease? lease = _first; lease is not null; lease = lease.Next)
            {
                leases.Add(lease);
            }
        }

        return leases;
    }
}
