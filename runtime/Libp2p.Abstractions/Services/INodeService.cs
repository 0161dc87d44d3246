using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Transports;
using Microsoft.Extensions.Logging;

namespace Libp2p.Services;

/// <summary>
/// What lives and dies with a node: identify, kad, relay, AutoNAT. Services start in the order of registration, after the handlers
/// are in place and before the node listens, and are disposed of in reverse, before the connections are closed.
/// </summary>
public interface INodeService : IAsyncDisposable
{
    /// <summary>The name in logs and node state.</summary>
    string Name { get; }

    /// <summary>What an operator should know of the service now, as part of the node state; null: nothing. Answers at once, without I/O.</summary>
    string? Condition => null;

    /// <summary>Starts. Work that goes on is owned by the service and has ended when its disposal returns.</summary>
    ValueTask StartAsync(NodeContext node, CancellationToken cancellationToken);
}

/// <summary>The facets of a node that a service may use. Each is thread-safe.</summary>
public sealed record NodeContext
{
    /// <summary>Our key.</summary>
    public required IIdentitySigner Identity { get; init; }

    /// <summary>Judges everybody's signatures.</summary>
    public required ISignatureVerifier Verifier { get; init; }

    /// <summary>Makes connections and clients.</summary>
    public required IDialer Dialer { get; init; }

    /// <summary>What we serve.</summary>
    public required IHandlerTable Handlers { get; init; }

    /// <summary>What happens.</summary>
    public required INodeEvents Events { get; init; }

    /// <summary>What we know of peers.</summary>
    public required IPeerStore Peers { get; init; }

    /// <summary>Where we can be reached.</summary>
    public required INodeAddresses Addresses { get; init; }

    /// <summary>What may be spent.</summary>
    public required IResourceManager Limits { get; init; }

    /// <summary>Clock, randomness and scheduling.</summary>
    public required NodeSeams Seams { get; init; }

    /// <summary>Where to log.</summary>
    public required ILoggerFactory Logging { get; init; }
}

/// <summary>Makes connections, and clients that make them on demand.</summary>
public interface IDialer
{
    /// <summary>A connection to the peer: an open one, or a new one. Concurrent dials to one peer are joined.</summary>
    /// <exception cref="DialException">Each address, how far it got, and why it failed.</exception>
    ValueTask<IPeerConnection> ConnectAsync(DialRequest request, CancellationToken cancellationToken);

    /// <summary>Open connections.</summary>
    IReadOnlyList<IPeerConnection> Connections { get; }

    /// <summary>A client bound to a peer: each call takes the best connection, and dials where there is none. Does no I/O.</summary>
    T Client<T>(Protocol<T> protocol, PeerId peer)
        where T : class;

    /// <summary>Upgrades a byte link that something else made, and adds it to the node's connections (relay).</summary>
    /// <param name="link">Taken over.</param>
    /// <param name="direction">Which end opened it.</param>
    /// <param name="role">The role in the upgrade.</param>
    /// <param name="expectedPeer">Who the remote must turn out to be.</param>
    /// <param name="cancellationToken">Ends the upgrade.</param>
    ValueTask<IPeerConnection> AdoptAsync(
        IByteLink link, Direction direction, ConnectionRole role, ExpectedPeer expectedPeer, CancellationToken cancellationToken);
}

/// <summary>Where a node can be reached.</summary>
public interface INodeAddresses
{
    /// <summary>Where the node listens: real ports, wildcards expanded, without <c>/p2p</c>.</summary>
    IReadOnlyList<Multiaddress> Listening { get; }

    /// <summary>What the node tells others: listening, configured and confirmed addresses.</summary>
    IReadOnlyList<Multiaddress> Announced { get; }

    /// <summary>Adds an address by which the node can be reached, as a relay, a port mapping or AutoNAT found; disposing withdraws it.</summary>
    IDisposable Announce(Multiaddress address);
}
