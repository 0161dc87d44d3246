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

    /// <summary>Time that calls being served have to end when the host stops, before they are cancelled. Zero: none.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc cref="NodeOptions.DialTimeout"/>
    public TimeSpan DialTimeout { get; set; } = s_defaults.DialTimeout;

    /// <inheritdoc cref="NodeOptions.InboundUpgradeTimeout"/>
    public TimeSpan InboundUpgradeTimeout { get; set; } = s_defaults.InboundUpgradeTimeout;

    /// <inheritdoc cref="NodeOptions.NegotiationTimeout"/>
    public TimeSpan NegotiationTimeout { get; set; } = s_defaults.NegotiationTimeout;

    /// <inheritdoc cref="NodeOptions.CloseTimeout"/>
    public TimeSpan CloseTimeout { get; set; } = s_defaults.CloseTimeout;

    /// <inheritdoc cref="NodeOptions.MaxDialAddresses"/>
    public int MaxDialAddresses { get; set; } = s_defaults.MaxDialAddresses;

    /// <summary>Ceilings for connections, streams and memory.</summary>
    public Libp2pLimits Limits { get; } = new();

    internal NodeOptions ToNodeOptions() => new()
    {
        DialTimeout = DialTimeout,
        InboundUpgradeTimeout = InboundUpgradeTimeout,
        NegotiationTimeout = NegotiationTimeout,
        CloseTimeout = CloseTimeout,
        MaxDialAddresses = MaxDialAddresses,
        Limits = Limits.ToResourceLimits(),
    };
}
