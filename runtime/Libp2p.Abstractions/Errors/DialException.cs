namespace Libp2p;

/// <summary>No address of a peer could be dialled; <see cref="Attempts"/> tells for each how far it got and why it ended.</summary>
public sealed class DialException(PeerId? peer, IReadOnlyList<DialAttempt> attempts)
    : Libp2pException(new EndReason(EndedBy.Link, ErrorCode.None, Describe(peer, attempts), attempts.Count == 1 ? attempts[0].Cause : null))
{
    /// <summary>The peer that was wanted, if it was known.</summary>
    public PeerId? Peer { get; } = peer;

    /// <summary>Each address that was tried or skipped.</summary>
    public IReadOnlyList<DialAttempt> Attempts { get; } = attempts;

    private static string Describe(PeerId? peer, IReadOnlyList<DialAttempt> attempts) => attempts.Count == 0
        ? $"Cannot dial {peer?.ToString() ?? "the peer"}: no address is known"
        : $"Cannot dial {peer?.ToString() ?? "the peer"}: {string.Join("; ", attempts)}";
}

/// <summary>One address of a failed dial.</summary>
/// <param name="Address">What was dialled.</param>
/// <param name="Reached">The layer in which it ended.</param>
/// <param name="Cause">Why.</param>
public sealed record DialAttempt(Multiaddress Address, DialStage Reached, Exception Cause)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Address} failed in {Reached}: {Cause.Message}";
}

/// <summary>The layers of a dial, in order.</summary>
public enum DialStage
{
    /// <summary>No transport can dial it, or a rule or the gater refused it.</summary>
    Admission,

    /// <summary>Names are being resolved.</summary>
    Resolution,

    /// <summary>The transport connects.</summary>
    Transport,

    /// <summary>A security protocol is negotiated, and its handshake runs.</summary>
    Security,

    /// <summary>A muxer is negotiated.</summary>
    Muxer,
}
