using Libp2p.Connections;
using Libp2p.Limits;

namespace Libp2p.Node.Connections;

/// <summary>
/// A connection that is not yet one of the node's, and its lease. What makes one owns the lease until it returns, also when nobody waits for
/// it any more: it holds a socket for as long, and what is held is counted.
/// </summary>
internal sealed record LeasedConnection(UpgradedConnection Upgraded, ConnectionLease Lease) : IAsyncDisposable
{
    /// <summary>Makes one; a failure gives the lease back.</summary>
    public static async Task<LeasedConnection> MakeAsync(ConnectionLease lease, Func<ValueTask<UpgradedConnection>> make)
    {
        try
        {
            return new LeasedConnection(await make(), lease);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>It came too late: ends it, and gives its lease back.</summary>
    public async ValueTask DisposeAsync()
    {
        Upgraded.Abort(new EndReason(EndedBy.Local, ErrorCode.Supplanted, "It came too late: another address was faster, or its time was over"));
        try
        {
            await Upgraded.DisposeAsync();
        }
        finally
        {
            Lease.Dispose();
        }
    }
}
