using System.Globalization;

namespace Libp2p;

/// <summary>
/// A 32-bit code that may travel with a reset or a close. Only for diagnosis: rust and js neither send nor read codes, and go's
/// stream codes are one above the draft's, so nothing may depend on a particular value (libp2p specs, branch error-codes).
/// </summary>
/// <param name="Value">0: none; 0x1000 to 0xffff: libp2p; from 0x10000: the application's.</param>
public readonly record struct ErrorCode(uint Value)
{
    /// <summary>No code.</summary>
    public static readonly ErrorCode None;

    /// <summary>No common protocol.</summary>
    public static readonly ErrorCode ProtocolNegotiationFailed = new(0x1001);

    /// <summary>A limit of the sender's was reached.</summary>
    public static readonly ErrorCode ResourceLimitExceeded = new(0x1002);

    /// <summary>Too often.</summary>
    public static readonly ErrorCode RateLimited = new(0x1003);

    /// <summary>The receiver of the code broke a protocol's rules.</summary>
    public static readonly ErrorCode ProtocolViolation = new(0x1004);

    /// <summary>Another stream or connection took its place.</summary>
    public static readonly ErrorCode Supplanted = new(0x1005);

    /// <summary>Unused for too long.</summary>
    public static readonly ErrorCode GarbageCollected = new(0x1006);

    /// <summary>The sender is shutting down.</summary>
    public static readonly ErrorCode Shutdown = new(0x1007);

    /// <summary>A gater refused.</summary>
    public static readonly ErrorCode Gated = new(0x1008);

    /// <summary>The value a carrier cannot express.</summary>
    public static readonly ErrorCode CodeOutOfRange = new(0x1009);

    /// <summary>
    /// The sender gave the exchange up: its caller cancelled, or left before it was complete. The draft has no such code; this and the
    /// following ones are this library's, at the top of libp2p's range, and other implementations show them as numbers.
    /// </summary>
    public static readonly ErrorCode Cancelled = new(0xff01);

    /// <summary>The sender's handler failed with an exception for which no code is declared (<see cref="ResetCodeAttribute"/>).</summary>
    public static readonly ErrorCode HandlerFailed = new(0xff02);

    /// <summary>A message of the sender's is longer than the sender may send, so it was not sent.</summary>
    public static readonly ErrorCode MessageTooLong = new(0xff03);

    /// <summary>The first of the application's codes.</summary>
    public const uint FirstApplicationCode = 0x10000;

    /// <inheritdoc/>
    public override string ToString() => Value switch
    {
        0 => "none",
        0x1001 => "protocol negotiation failed",
        0x1002 => "resource limit exceeded",
        0x1003 => "rate limited",
        0x1004 => "protocol violation",
        0x1005 => "supplanted",
        0x1006 => "garbage collected",
        0x1007 => "shutdown",
        0x1008 => "gated",
        0x1009 => "code out of range",
        0xff01 => "cancelled",
        0xff02 => "handler failed",
        0xff03 => "message too long",
        _ => "0x" + Value.ToString("x", CultureInfo.InvariantCulture),
    };
}
