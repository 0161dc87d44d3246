using Libp2p.Limits;

namespace Libp2p;

/// <summary>The numbers of a node. Immutable.</summary>
public sealed record NodeOptions
{
    /// <summary>Time for a dial: all its addresses, upgrades included.</summary>
    public TimeSpan DialTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Time for the upgrade of an inbound connection.</summary>
    public TimeSpan InboundUpgradeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time for agreeing on the protocol of a stream, in either direction.</summary>
    public TimeSpan NegotiationTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether a stream of ours proposes its protocol in one flight with its first bytes, where the peer is known to speak it. It
    /// saves a round trip; a peer that refuses after all says so at the first read. False: each stream waits for the peer's answer.
    /// </summary>
    public bool LazyNegotiation { get; init; } = true;

    /// <summary>Time for an access policy to admit a caller, and for a gater to answer.</summary>
    public TimeSpan AccessTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Time that <see cref="Libp2pNode.StopAsync"/> gives the streams that are open, in either direction, before they are cut off: as
    /// much as an exchange has by default. Zero: none.
    /// </summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time that an orderly close of the node waits for its connections.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time for one address of a dial: transport and upgrade.</summary>
    public TimeSpan DialAttemptTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time that a dial gives an address before it tries the next one beside it (RFC 8305: 250 ms).</summary>
    public TimeSpan DialStagger { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Addresses of one dial that are tried at the most, those included that names resolve to. A dial that several wait for tries as many
    /// for each of them, and four times as many at the most.
    /// </summary>
    public int MaxDialAddresses { get; init; } = 16;

    /// <summary>Addresses of one dial that are tried at the same time.</summary>
    public int MaxParallelDials { get; init; } = 8;

    /// <summary>Addresses of all dials that are tried at the same time; further ones wait.</summary>
    public int MaxConcurrentDialAttempts { get; init; } = 64;

    /// <summary>Ceilings for connections, streams and memory.</summary>
    public ResourceLimits Limits { get; init; } = new();
}
