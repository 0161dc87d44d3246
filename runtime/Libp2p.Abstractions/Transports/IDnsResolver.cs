using System.Net;
using System.Net.Sockets;

namespace Libp2p.Transports;

/// <summary>
/// Asks the domain name system, for <c>/dns</c>, <c>/dns4</c>, <c>/dns6</c> and <c>/dnsaddr</c>. What it answers comes from others:
/// the node takes a bounded number of results and follows them to a bounded depth. Thread-safe.
/// </summary>
public interface IDnsResolver
{
    /// <summary>The addresses of a host.</summary>
    /// <param name="name">The host's name.</param>
    /// <param name="family">Which ones: IPv4, IPv6, or both with <see cref="AddressFamily.Unspecified"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">There is no such host, or nobody answered.</exception>
    ValueTask<IReadOnlyList<IPAddress>> GetAddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken);

    /// <summary>The TXT records of a name, each with its strings joined: what <c>/dnsaddr</c> needs.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NotSupportedException">The resolver cannot ask for them, as .NET's own cannot.</exception>
    /// <exception cref="IOException">There is no such name, or nobody answered.</exception>
    ValueTask<IReadOnlyList<string>> GetTextAsync(string name, CancellationToken cancellationToken) =>
        throw new NotSupportedException("the node's resolver cannot ask for TXT records, which /dnsaddr needs");
}
