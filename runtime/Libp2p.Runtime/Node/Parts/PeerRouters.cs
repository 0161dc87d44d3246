using System.Collections.Immutable;
using Libp2p.Services;

namespace Libp2p.Node;

/// <summary>The ways of a node to find peers.</summary>
internal sealed class PeerRouters : IPeerRouters
{
    private ImmutableArray<IPeerRouting> _all = [];

    /// <summary>All of them, in the order they were added.</summary>
    public ImmutableArray<IPeerRouting> All => _all;

    public IDisposable Add(IPeerRouting routing)
    {
        ArgumentNullException.ThrowIfNull(routing);
        ImmutableInterlocked.Update(ref _all, static (all, added) => all.Add(added), routing);
        return new Registration(this, routing);
    }

    private sealed class Registration(PeerRouters routers, IPeerRouting routing) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                ImmutableInterlocked.Update(ref routers._all, static (all, removed) => all.Remove(removed), routing);
            }
        }
    }
}
