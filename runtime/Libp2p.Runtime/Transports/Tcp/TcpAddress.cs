using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Libp2p.Transports.Tcp;

/// <summary>Between <c>/ip4|ip6/…/tcp/…</c> and socket addresses.</summary>
internal static class TcpAddress
{
    public static Multiaddress From(IPEndPoint endPoint) => Multiaddress.FromEndPoint(
        endPoint.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(endPoint.Address.MapToIPv4(), endPoint.Port) : endPoint, ProtocolType.Tcp);

    /// <summary>The socket address, if the multiaddress is exactly one of TCP.</summary>
    public static bool TryGetEndPoint(Multiaddress address, [NotNullWhen(true)] out IPEndPoint? endPoint) =>
        address.TryGetEndPoint(ProtocolType.Tcp, out endPoint);

    public static IPEndPoint GetEndPoint(Multiaddress address) => TryGetEndPoint(address, out IPEndPoint? endPoint)
        ? endPoint
        : throw new ArgumentException($"{address} is no address of TCP.", nameof(address));
}
