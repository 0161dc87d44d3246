using Libp2p.Limits;

namespace Libp2p.Node.Streams;

/// <summary>What a stream takes of the node's bounds: its lease, its place among the streams of its operation, its count on the connection.</summary>
internal sealed class StreamShare(IStreamLease lease, IDisposable counted) : IDisposable
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
