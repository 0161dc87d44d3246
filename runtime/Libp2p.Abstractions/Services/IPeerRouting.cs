namespace Libp2p.Services;

/// <summary>Finds addresses of a peer by its id alone: a DHT, a rendezvous point, a directory of the application. Thread-safe.</summary>
public interface IPeerRouting
{
    /// <summary>The name in logs and errors.</summary>
    string Name { get; }

    /// <summary>
    /// Addresses of the peer as they are found. The dial that asked tries each at once, and leaves the enumeration when it has a connection
    /// or has tried as many addresses as it may.
    /// </summary>
    /// <param name="peer">Who is wanted.</param>
    /// <param name="cancellationToken">The dial is over.</param>
    IAsyncEnumerable<Multiaddress> FindPeerAsync(PeerId peer, CancellationToken cancellationToken);
}

/// <summary>The ways of a node to find peers, asked by each dial for a peer of which the peer store has no address. Thread-safe.</summary>
public interface IPeerRouters
{
    /// <summary>Adds one; disposing of the result removes it. Dials that are asking it go on.</summary>
    IDisposable Add(IPeerRouting routing);
}
