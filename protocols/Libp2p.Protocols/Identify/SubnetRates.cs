using System.Net;
using System.Net.Sockets;

namespace Libp2p.Protocols.Identify;

/// <summary>
/// How often something may come from one part of the network: a bucket for each IPv4 /24 and IPv6 /56, which refills steadily, and one
/// for all. Loopback, and links without IP addresses, are exempt. Bounded; the bucket that was not used for longest gives way, which
/// costs a flooder with that many networks nothing and everybody else nothing either. Thread-safe.
/// </summary>
/// <param name="time">The node's clock.</param>
internal sealed class SubnetRates(TimeProvider time)
{
    /// <summary>Networks that are remembered.</summary>
    public const int MaxSubnets = 1024;

    /// <summary>Of one network: at once, and each second after.</summary>
    public const double SubnetBurst = 10, SubnetRate = 0.2;

    /// <summary>Of all: at once, and each second after.</summary>
    public const double TotalBurst = 3000, TotalRate = 2000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Bucket> _subnets = [];
    private Bucket _total = new(TotalBurst, time.GetTimestamp());

    /// <summary>Takes one; false when it is too soon.</summary>
    public bool TryTake(Multiaddress remote)
    {
        if (!remote.TryGetIPEndPoint(out IPEndPoint? endPoint) || IPAddress.IsLoopback(endPoint.Address))
        {
            return true;
        }

        byte[] bytes = endPoint.Address.GetAddressBytes();
        string subnet = Convert.ToHexString(bytes.AsSpan(0, endPoint.AddressFamily == AddressFamily.InterNetworkV6 ? 7 : 3));
        lock (_lock)
        {
            if (!_subnets.TryGetValue(subnet, out Bucket bucket))
            {
                if (_subnets.Count == MaxSubnets)
                {
                    _subnets.Remove(_subnets.MinBy(entry => entry.Value.Touched).Key);
                }

                bucket = new Bucket(SubnetBurst, time.GetTimestamp());
            }

            bool taken = bucket.TryTake(time, SubnetBurst, SubnetRate) && _total.TryTake(time, TotalBurst, TotalRate);
            _subnets[subnet] = bucket;
            return taken;
        }
    }

    private struct Bucket(double tokens, long touched)
    {
        private double _tokens = tokens;

        public long Touched { get; private set; } = touched;

        public bool TryTake(TimeProvider time, double burst, double rate)
        {
            long now = time.GetTimestamp();
            _tokens = Math.Min(burst, _tokens + (time.GetElapsedTime(Touched, now).TotalSeconds * rate));
            Touched = now;
            if (_tokens < 1)
            {
                return false;
            }

            _tokens--;
            return true;
        }
    }
}
