namespace Libp2p.Services;

/// <summary>Where a node can be reached. Reads what is known, without I/O. Thread-safe.</summary>
public interface INodeAddresses
{
    /// <summary>Where the node listens: real ports, wildcards expanded, without <c>/p2p</c>.</summary>
    IReadOnlyList<Multiaddress> Listening { get; }

    /// <summary>What the node tells others: listening, configured and confirmed addresses. Empty once the node stopped listening.</summary>
    IReadOnlyList<Multiaddress> Announced { get; }

    /// <summary>Adds an address by which the node can be reached, as a relay, a port mapping or AutoNAT found; disposing withdraws it.</summary>
    IDisposable Announce(Multiaddress address);
}
