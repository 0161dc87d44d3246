namespace Libp2p.Protocols.Identify;

/// <summary>
/// What a node's own description leaves out because it does not fit one message of 4 KiB: peers do not learn of it by identify, but the
/// node serves the protocols and listens on the addresses all the same. Immutable.
/// </summary>
/// <param name="Protocols">The protocols, in the order of registration.</param>
/// <param name="Addresses">How many addresses.</param>
public sealed record IdentifyOmissions(IReadOnlyList<ProtocolId> Protocols, int Addresses)
{
    /// <summary>Everything fits.</summary>
    public static IdentifyOmissions None { get; } = new([], 0);

    /// <summary>Whether everything fits.</summary>
    public bool IsNothing => Protocols.Count == 0 && Addresses == 0;
}
