namespace Libp2p.Hosting;

/// <summary>
/// The node of a host, as configuration tells it. Validated when the host starts: every error is named at once, and nothing listens
/// until all is well. What configuration cannot tell is said with <see cref="Libp2pBuilder.ConfigureNode"/>.
/// </summary>
public sealed class Libp2pOptions
{
    private static readonly NodeOptions s_defaults = new();

    /// <summary>Multiaddresses to listen on, without <c>/p2p</c>; none: the node only dials.</summary>
    public IList<string> Listen { get; } = [];

    /// <summary>
    /// The file of the identity, in any form that <see cref="PrivateKey.Import"/> reads; relative to the host's content root. A file that
    /// does not exist is made at the first start, with a new Ed25519 key that no other user can read. Null: a new identity at each start.
    /// </summary>
    public string? KeyFile { get; set; }

    /// <inheritdoc cref="NodeOptions.DrainTimeout"/>
    public TimeSpan DrainTimeout { get; set; } = s_defaults.DrainTimeout;

    /// <inheritdoc cref="NodeOptions.DialTimeout"/>
    public TimeSpan DialTimeout { get; set; } = s_defaults.DialTimeout;

    /// <inheritdoc cref="NodeOptions.InboundUpgradeTimeout"/>
    public TimeSpan InboundUpgradeTimeout { get; set; } = s_defaults.InboundUpgradeTimeout;

    /// <inheritdoc cref="NodeOptions.NegotiationTimeout"/>
    public TimeSpan NegotiationTimeout { get; set; } = s_defaults.NegotiationTimeout;

    /// <inheritdoc cref="NodeOptions.AccessTimeout"/>
    public TimeSpan AccessTimeout { get; set; } = s_defaults.AccessTimeout;

    /// <inheritdoc cref="NodeOptions.LazyNegotiation"/>
    public bool LazyNegotiation { get; set; } = s_defaults.LazyNegotiation;

    /// <inheritdoc cref="NodeOptions.DialAttemptTimeout"/>
    public TimeSpan DialAttemptTimeout { get; set; } = s_defaults.DialAttemptTimeout;

    /// <inheritdoc cref="NodeOptions.DialStagger"/>
    public TimeSpan DialStagger { get; set; } = s_defaults.DialStagger;

    /// <inheritdoc cref="NodeOptions.CloseTimeout"/>
    public TimeSpan CloseTimeout { get; set; } = s_defaults.CloseTimeout;

    /// <inheritdoc cref="NodeOptions.MaxDialAddresses"/>
    public int MaxDialAddresses { get; set; } = s_defaults.MaxDialAddresses;

    /// <inheritdoc cref="NodeOptions.MaxParallelDials"/>
    public int MaxParallelDials { get; set; } = s_defaults.MaxParallelDials;

    /// <inheritdoc cref="NodeOptions.MaxConcurrentDialAttempts"/>
    public int MaxConcurrentDialAttempts { get; set; } = s_defaults.MaxConcurrentDialAttempts;

    /// <summary>Ceilings for connections, streams and memory.</summary>
    public Libp2pLimits Limits { get; } = new();

    internal NodeOptions ToNodeOptions() => new()
    {
        DialTimeout = DialTimeout,
        InboundUpgradeTimeout = InboundUpgradeTimeout,
        NegotiationTimeout = NegotiationTimeout,
        DrainTimeout = DrainTimeout,
        CloseTimeout = CloseTimeout,
        AccessTimeout = AccessTimeout,
        LazyNegotiation = LazyNegotiation,
        DialAttemptTimeout = DialAttemptTimeout,
        DialStagger = DialStagger,
        MaxDialAddresses = MaxDialAddresses,
        MaxParallelDials = MaxParallelDials,
        MaxConcurrentDialAttempts = MaxConcurrentDialAttempts,
        Limits = Limits.ToResourceLimits(),
    };
}
