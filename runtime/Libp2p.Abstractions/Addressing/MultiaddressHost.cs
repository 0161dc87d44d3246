using System.Net.Sockets;

namespace Libp2p;

/// <summary>What a socket needs to know of a <see cref="Multiaddress"/>: where its outermost part leads.</summary>
/// <param name="Name">An IP address, with its zone (<c>fe80::1%eth0</c>), or a host name to be resolved.</param>
/// <param name="Family">
/// The family of the address; for a name, the family of the addresses wanted, <see cref="AddressFamily.Unspecified"/> for both.
/// </param>
/// <param name="Transport"><c>tcp</c> or <c>udp</c>, or null when the address names a host only.</param>
/// <param name="Port">The port, 0 without a transport.</param>
/// <param name="IsName">Whether <paramref name="Name"/> must be resolved.</param>
public readonly record struct MultiaddressHost(
    string Name, AddressFamily Family, MultiaddressProtocol? Transport, int Port, bool IsName);
