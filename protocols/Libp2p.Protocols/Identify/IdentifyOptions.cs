namespace Libp2p.Protocols.Identify;

/// <summary>What a node says of itself, and how often.</summary>
public sealed record IdentifyOptions
{
    /// <summary>The network's version, as the spec has it; for diagnosis only. At most 128 characters.</summary>
    public string ProtocolVersion { get; init; } = "ipfs/0.1.0";

    /// <summary>The software, for diagnosis only. At most 128 characters.</summary>
    public string AgentVersion { get; init; } = "libp2p-gen/0.1.0";

    /// <summary>Whether our addresses go in a signed record, too, so that others may pass them on.</summary>
    public bool SignRecord { get; init; } = true;

    /// <summary>How long changes are gathered before a push tells of them.</summary>
    public TimeSpan PushDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Time from one round of pushes to the next, at least: receivers limit their rate (go: one in 5 s).</summary>
    public TimeSpan PushInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Peers that are told at the same time (go, js: 32).</summary>
    public int MaxConcurrentPushes { get; init; } = 32;

    /// <summary>
    /// How long the addresses that a peer tells are kept after its last connection; <see cref="Timeout.InfiniteTimeSpan"/>: for ever.
    /// </summary>
    public TimeSpan AddressLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long what others observe of us counts; <see cref="Timeout.InfiniteTimeSpan"/>: for ever.</summary>
    public TimeSpan ObservationLifetime { get; init; } = TimeSpan.FromMinutes(30);
}
