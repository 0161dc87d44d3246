using Libp2p.TestKit.Scheduling;

namespace Libp2p.PubSub.Tests;

/// <summary>Takes RPCs, and remembers them.</summary>
internal sealed class Router : IFloodsub, IGossipsub
{
    private readonly Lock _gate = new();
    private readonly List<Rpc> _received = [];

    /// <summary>What came, of all streams.</summary>
    public IReadOnlyList<Rpc> Received
    {
        get
        {
            lock (_gate)
            {
                return [.. _received];
            }
        }
    }

    public async ValueTask ReceiveAsync(IAsyncEnumerable<Rpc> rpcs, CallContext context = default)
    {
        await foreach (Rpc rpc in rpcs.WithCancellation(context.CancellationToken))
        {
            lock (_gate)
            {
                _received.Add(rpc);
            }
        }
    }

    public Task HasReceivedAsync(int count) => Eventually.HoldsAsync(() => Received.Count >= count);
}
