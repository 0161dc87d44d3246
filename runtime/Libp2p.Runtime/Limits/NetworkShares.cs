using System.Diagnostics.CodeAnalysis;

namespace Libp2p.Limits;

/// <summary>
/// What one network may have of the node's inbound connections, whoever it says it is: identities cost nothing, addresses do. Counts, and
/// a bucket that refills; a /48 may have as much as four of its /56, a relay as much as four addresses. Loopback, and links without IP
/// addresses, are exempt. Bounded: beyond the networks that have connections a few thousand are remembered for the few seconds in which
/// their buckets refill. Thread-safe.
/// </summary>
/// <param name="limits">The bounds.</param>
/// <param name="time">The node's clock.</param>
internal sealed class NetworkShares(ResourceLimits limits, TimeProvider time)
{
    /// <summary>Networks without connections that are remembered.</summary>
    public const int MaxIdle = 4096;

    private const int Several = 4;

    private readonly Lock _lock = new();
    private readonly Dictionary<NetworkPrefix, Share> _shares = [];
    private int _idle; // those without connections

    /// <summary>Networks that are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _shares.Count;
            }
        }
    }

    /// <summary>Takes a connection whose handshake is to come.</summary>
    /// <param name="remoteAddress">Where it comes from.</param>
    /// <param name="network">To be given back; null: exempt.</param>
    /// <param name="bound">The bound that is reached.</param>
    public bool TryTake(Multiaddress remoteAddress, out NetworkPrefix? network, [NotNullWhen(false)] out string? bound)
    {
        bound = null;
        network = NetworkPrefix.Of(remoteAddress);
        if (network is not { } near)
        {
            return true;
        }

        lock (_lock)
        {
            Share share = Find(near);
            bound = share.Bound();
            if (bound is null && Wider(near) is { } wide)
            {
                Share around = Find(wide);
                bound = around.Bound();
                if (bound is null)
                {
                    Take(around);
                }
            }

            if (bound is null)
            {
                Take(share);
            }

            DropIdle();
            return bound is null;
        }
    }

    /// <summary>The handshake of one of its connections is over.</summary>
    public void EndHandshake(NetworkPrefix network)
    {
        lock (_lock)
        {
            _shares[network].Pending--;
            if (Wider(network) is { } wide)
            {
                _shares[wide].Pending--;
            }
        }
    }

    /// <summary>One of its connections has ended, after its handshake was.</summary>
    public void GiveBack(NetworkPrefix network)
    {
        lock (_lock)
        {
            GiveBack(_shares[network]);
            if (Wider(network) is { } wide)
            {
                GiveBack(_shares[wide]);
            }

            DropIdle();
        }
    }

    private static NetworkPrefix? Wider(NetworkPrefix network) =>
        network.Length == NetworkPrefix.Customer ? network.Shorten(NetworkPrefix.Network) : null;

    private Share Find(NetworkPrefix network)
    {
        if (!_shares.TryGetValue(network, out Share? share))
        {
            int times = network.IsRelayed || network.Length == NetworkPrefix.Network ? Several : 1;
            _shares[network] = share = new Share(limits, time, times);
            _idle++;
        }

        return share;
    }

    private void Take(Share share)
    {
        _idle -= share.Connections == 0 ? 1 : 0;
        share.Take();
    }

    private void GiveBack(Share share)
    {
        share.Connections--;
        _idle += share.Connections == 0 ? 1 : 0;
    }

    /// <summary>Forgets who has no connections and could take as many as a stranger; where those are few, all without connections.</summary>
    private void DropIdle()
    {
        if (_idle > MaxIdle)
        {
            Drop(share => share.IsFull);
            if (_idle > MaxIdle / 2)
            {
                Drop(_ => true);
            }
        }
    }

    private void Drop(Func<Share, bool> isWanted)
    {
        foreach ((NetworkPrefix network, Share share) in _shares.ToList())
        {
            if (share.Connections == 0 && isWanted(share))
            {
                _shares.Remove(network);
                _idle--;
            }
        }
    }

    private sealed class Share(ResourceLimits limits, TimeProvider time, int times)
    {
        private readonly double _burst = (double)limits.ConnectionsPerAddress * times;
        private double _tokens = (double)limits.ConnectionsPerAddress * times;
        private long _touched = time.GetTimestamp();

        public int Connections { get; set; }

        public int Pending { get; set; }

        public bool IsFull => Refilled() >= _burst;

        public string? Bound() => Connections >= (long)limits.ConnectionsPerAddress * times ? "connections per address"
            : Pending >= (long)limits.PendingInboundPerAddress * times ? "pending inbound per address"
            : Refilled() < 1 ? "connection rate per address"
            : null;

        public void Take()
        {
            (_tokens, _touched) = (Refilled() - 1, time.GetTimestamp());
            Connections++;
            Pending++;
        }

        private double Refilled() =>
            Math.Min(_burst, _tokens + (time.GetElapsedTime(_touched).TotalSeconds * limits.ConnectionsPerAddressPerSecond * times));
    }
}
