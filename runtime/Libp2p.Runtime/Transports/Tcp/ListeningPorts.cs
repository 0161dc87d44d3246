using System.Net;
using System.Net.Sockets;

namespace Libp2p.Transports.Tcp;

/// <summary>Where a transport listens, for dials that are to come from there. Thread-safe.</summary>
internal sealed class ListeningPorts
{
    private readonly Lock _lock = new();
    private readonly List<IPEndPoint> _endPoints = [];

    public void Add(IPEndPoint endPoint)
    {
        lock (_lock)
        {
            _endPoints.Add(endPoint);
        }
    }

    public void Remove(IPEndPoint endPoint)
    {
        lock (_lock)
        {
            _endPoints.Remove(endPoint);
        }
    }

    /// <summary>A source for a connection to the target: of its family, and on the loopback interface only if the target is.</summary>
    public IPEndPoint? Find(IPEndPoint target)
    {
        lock (_lock)
        {
            return _endPoints.Find(source => Fits(source, target) && !IsWildcard(source)) ?? _endPoints.Find(source => Fits(source, target));
        }
    }

    private static bool Fits(IPEndPoint source, IPEndPoint target) => source.AddressFamily == target.AddressFamily
        && (IsWildcard(source) || IPAddress.IsLoopback(source.Address) == IPAddress.IsLoopback(target.Address));

    private static bool IsWildcard(IPEndPoint source) =>
        source.Address.Equals(source.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any);
}
