using Libp2p.Limits;

namespace Libp2p.Hosting;

/// <summary>The numbers of a node. Immutable.</summary>
public sealed record NodeOptions
{
    /// <summary>Time for a dial: all its addresses, upgrades included.</summary>
    public TimeSpan DialTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Time for the upgrade of an inbound connection.</summary>
    public TimeSpan InboundUpgradeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time for agreeing on the protocol of an inbound stream.</summary>
    public TimeSpan NegotiationTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time for an access policy to admit a caller.</summary>
    public TimeSpan AccessTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time that an orderly close of the node waits for its connections.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Addresses of one dial that are tried at the most.</summary>
    public int MaxDialAddresses { get; init; } = 16;

    /// <summary>Ceilings for connections, streams and memory.</summary>
    public ResourceLimits Limits { get; init; } = new();
}
