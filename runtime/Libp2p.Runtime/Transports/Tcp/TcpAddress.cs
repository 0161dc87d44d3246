using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Libp2p.Transports.Tcp;

/// <summary>Between <c>/ip4|ip6/…/tcp/…</c> and socket addresses.</summary>
internal static class TcpAddress
{
    /// <summary>The multiaddress; an IPv4 remote of a socket for both families is told as what it is.</summary>
    public static Multiaddress From(IPEndPoint endPoint) => Multiaddress.FromEndPoint(
        endPoint.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(endPoint.Address.MapToIPv4(), endPoint.Port) : endPoint, MultiaddressProtocol.Tcp);

    /// <summary>
    /// The socket address, if the multiaddress is exactly one of TCP: nothing follows the port. An IPv4-mapped IPv6 address is dialled
    /// and listened on as the IPv4 address that it stands for.
    /// </summary>
    public static bool TryGetEndPoint(Multiaddress address, [NotNullWhen(true)] out IPEndPoint? endPoint)
    {
        if (address is { Count: 2 or 3 } && address[^1].Code == MultiaddressCode.Tcp && address.TryGetIPEndPoint(out endPoint))
        {
            return true;
        }

        endPoint = null;
        return false;
    }

    public static IPEndPoint GetEndPoint(Multiaddress address) => TryGetEndPoint(address, out IPEndPoint? endPoint)
        ? endPoint
        : throw new ArgumentException($"{address} is no address of TCP.", nameof(address));
}
