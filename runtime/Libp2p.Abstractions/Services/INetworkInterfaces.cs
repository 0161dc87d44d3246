using System.Net;

namespace Libp2p.Services;

/// <summary>
/// The addresses of this machine, as the node last saw them. Reads what is known, without I/O, so it answers at any time. Thread-safe.
/// </summary>
public interface INetworkInterfaces
{
    /// <summary>Unicast addresses of the interfaces that are up, in the operating system's order, without duplicates.</summary>
    IReadOnlyList<IPAddress> Addresses { get; }

    /// <summary>Raised after <see cref="Addresses"/> changed. Handlers must neither block nor throw.</summary>
    event Action? Changed;
}
