namespace Libp2p;

/// <summary>No address of a peer could be dialled; <see cref="Attempts"/> tells for each how far it got and why it ended.</summary>
public sealed class DialException : Libp2pException
{
    /// <summary>An exception that names each attempt.</summary>
    public DialException(PeerId? peer, IReadOnlyList<DialAttempt> attempts)
        : this("", peer, attempts)
    {
    }

    private DialException(string prefix, PeerId? peer, IReadOnlyList<DialAttempt> attempts)
        : base(
            prefix + Describe(peer, attempts),
            new EndReason(EndedBy.Link, ErrorCode.None, Describe(peer, attempts), attempts.Count == 1 ? attempts[0].Cause : null)) =>
        (Peer, Attempts) = (peer, attempts);

    /// <summary>The peer that was wanted, if it was known.</summary>
    public PeerId? Peer { get; }

    /// <summary>Each address that was tried or skipped.</summary>
    public IReadOnlyList<DialAttempt> Attempts { get; }

    /// <summary>The same with what was being done.</summary>
    internal DialException For(string subject) => new($"{subject}: ", Peer, Attempts);

    private static string Describe(PeerId? peer, IReadOnlyList<DialAttempt> attempts) => attempts.Count == 0
        ? $"Cannot dial {peer?.ToString() ?? "the peer"}: no address is known; dial it by address once, or add one to the peer store"
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
