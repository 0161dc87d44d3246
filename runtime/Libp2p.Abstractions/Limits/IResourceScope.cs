using System.Diagnostics.CodeAnalysis;

namespace Libp2p.Limits;

/// <summary>
/// Where what a remote can make grow is accounted: memory, streams, connections. Scopes form the tree system → transient → peer →
/// protocol → connection → stream, and what is taken in one is taken in all above it, or in none. Thread-safe.
/// </summary>
public interface IResourceScope
{
    /// <summary>What it bounds.</summary>
    ResourceScopeKind Kind { get; }

    /// <summary>The name in diagnostics: a peer, a protocol, a number.</summary>
    string Name { get; }

    /// <summary>What is taken now.</summary>
    ResourceUsage Usage { get; }

    /// <summary>
    /// Takes memory, if it is to be had; never waits. Whoever takes gives the same number back with <see cref="ReleaseMemory"/>, at
    /// the latest when the scope ends.
    /// </summary>
    /// <param name="bytes">Above 0.</param>
    bool TryReserveMemory(long bytes);

    /// <summary>As <see cref="TryReserveMemory(long)"/>, and tells why not.</summary>
    /// <param name="bytes">Above 0.</param>
    /// <param name="refusal">The bound that is full, with the name of its option. A scope that does not override it names all that may be.</param>
    bool TryReserveMemory(long bytes, [NotNullWhen(false)] out string? refusal)
    {
        bool isTaken = TryReserveMemory(bytes);
        refusal = isTaken ? null
            : "the protocol, the connection, the peer or the node holds as much as it may (ResourceLimits.MemoryPerProtocol, "
                + "ResourceLimits.MemoryPerConnection, ResourceLimits.MemoryPerPeer, ResourceLimits.Memory)";
        return isTaken;
    }

    /// <summary>Gives memory back.</summary>
    void ReleaseMemory(long bytes);
}

/// <summary>What a scope bounds.</summary>
public enum ResourceScopeKind
{
    /// <summary>The whole node.</summary>
    System,

    /// <summary>Connections and streams that are not yet attributed: in a handshake, or in negotiation.</summary>
    Transient,

    /// <summary>All of one peer.</summary>
    Peer,

    /// <summary>All of one protocol.</summary>
    Protocol,

    /// <summary>One connection.</summary>
    Connection,

    /// <summary>One stream.</summary>
    Stream,
}

/// <summary>What is taken in a scope.</summary>
/// <param name="Memory">Bytes.</param>
/// <param name="InboundConnections">Connections the remote opened.</param>
/// <param name="OutboundConnections">Connections we opened.</param>
/// <param name="InboundStreams">Streams the remote opened.</param>
/// <param name="OutboundStreams">Streams we opened.</param>
public readonly record struct ResourceUsage(
    long Memory, int InboundConnections, int OutboundConnections, int InboundStreams, int OutboundStreams);
