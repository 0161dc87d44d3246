using System.Diagnostics.Metrics;
using Libp2p.Limits;
using Libp2p.Scheduling;
using Microsoft.Extensions.Logging;

namespace Libp2p.Services;

/// <summary>
/// What a node gives to its parts: to services when they start, and to the factories of transports, security protocols and muxers when
/// the node is made. A factory may keep it, but neither dials nor subscribes before the node starts. Each facet is thread-safe.
/// </summary>
public sealed record NodeContext
{
    /// <summary>Signs for the node.</summary>
    public required IIdentitySigner Identity { get; init; }

    /// <summary>Verifies signatures of all key types.</summary>
    public required ISignatureVerifier Verifier { get; init; }

    /// <summary>Makes connections and clients.</summary>
    public required IDialer Dialer { get; init; }

    /// <summary>The protocols that the node serves.</summary>
    public required IHandlerTable Handlers { get; init; }

    /// <summary>The node's events.</summary>
    public required INodeEvents Events { get; init; }

    /// <summary>What is known of peers.</summary>
    public required IPeerStore Peers { get; init; }

    /// <summary>Ways to find a peer of which the peer store has no address.</summary>
    public required IPeerRouters Routing { get; init; }

    /// <summary>Where the node can be reached.</summary>
    public required INodeAddresses Addresses { get; init; }

    /// <summary>Bounds on connections, streams and memory.</summary>
    public required IResourceManager Limits { get; init; }

    /// <summary>Clock, randomness and scheduling.</summary>
    public required NodeSeams Seams { get; init; }

    /// <summary>The addresses of this machine, for transports that listen on a wildcard.</summary>
    public required INetworkInterfaces Interfaces { get; init; }

    /// <summary>Makes loggers.</summary>
    public required ILoggerFactory Logging { get; init; }

    /// <summary>The node's meter, for further instruments; null where nothing is measured.</summary>
    public Meter? Meter { get; init; }
}
