namespace Libp2p.Tests.Faults;

/// <summary>What goes wrong with the bytes that one end of a link sends.</summary>
/// <param name="Kind">How.</param>
/// <param name="At">Behind how many bytes.</param>
public sealed record Fault(FaultKind Kind, long At);

/// <summary>How a link fails.</summary>
public enum FaultKind
{
    /// <summary>Nothing is ever heard again, not even an end: the remote has lost its power, or waits for ours to lose patience.</summary>
    Silence,

    /// <summary>The direction ends in order (FIN).</summary>
    End,

    /// <summary>The link breaks in both directions (RST).</summary>
    Break,

    /// <summary>One byte is another one.</summary>
    Flip,

    /// <summary>All bytes from there on are noise.</summary>
    Garbage,
}
