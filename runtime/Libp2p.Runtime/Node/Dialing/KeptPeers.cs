using Libp2p.Scheduling;
using Libp2p.Services;

namespace Libp2p.Node.Dialing;

/// <summary>The peers that a node keeps connected.</summary>
/// <param name="self">The node.</param>
/// <param name="dialer">Makes the connections.</param>
/// <param name="seams">The node's.</param>
/// <param name="protect">Protects what is known of a peer.</param>
internal sealed class KeptPeers(PeerId self, IDialer dialer, NodeSeams seams, Func<PeerId, IDisposable?> protect)
{
    private readonly Lock _lock = new();
    private readonly List<KeptPeer> _kept = [];
    private bool _isClosed;

    /// <summary>The leases, oldest first.</summary>
    public IReadOnlyList<KeptPeer> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _kept];
            }
        }
    }

    /// <summary>Keeps a peer connected until the lease is disposed of.</summary>
    public KeptPeer Keep(PeerId peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        lock (_lock)
        {
            if (_isClosed)
            {
                throw new ObjectDisposedException(nameof(Libp2pNode), $"The node {self} was disposed of: it keeps no further peers connected.");
            }

            KeptPeer kept = new(peer, dialer, seams, protect, Release);
            _kept.Add(kept);
            return kept;
        }
    }

    /// <summary>Keeps no further peers; those that are kept are released by disposing of <see cref="All"/>.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
        }
    }

    private void Release(KeptPeer kept)
    {
        lock (_lock)
        {
            _kept.Remove(kept);
        }
    }
}
