using Libp2p.Transports;

namespace Libp2p.Node;

/// <summary>The transports of a node, in the order of registration. Each is of exactly one kind.</summary>
/// <param name="transports">The transports.</param>
internal sealed class TransportTable(IReadOnlyList<ITransport> transports)
{
    /// <summary>All of them.</summary>
    public IReadOnlyList<ITransport> All => transports;

    /// <summary>The first transport that can dial the address; null where there is none.</summary>
    public ITransport? FindDialer(Multiaddress address) => transports.FirstOrDefault(transport => transport.CanDial(address));

    /// <summary>The first transport that can listen on the address; null where there is none.</summary>
    public ITransport? FindListener(Multiaddress address) => transports.FirstOrDefault(transport => transport.CanListen(address));

    /// <summary>The names of the transports.</summary>
    public string Names => string.Join(", ", transports.Select(transport => transport.Name));
}
