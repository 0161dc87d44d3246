namespace Libp2p;

/// <summary>The root of the library's exceptions. Each says who ended what, and which code travelled.</summary>
public class Libp2pException : IOException
{
    /// <summary>An exception for the reason.</summary>
    public Libp2pException(EndReason reason)
        : this(reason.Reason, reason)
    {
    }

    /// <summary>An exception that says more than its reason.</summary>
    public Libp2pException(string message, EndReason reason)
        : base(message, reason.Cause) => Reason = reason;

    /// <summary>Who, why and with which code.</summary>
    public EndReason Reason { get; }
}

/// <summary>The stream ended before the exchange was over: reset by either side, or with its connection.</summary>
public sealed class StreamResetException(string message, EndReason reason) : Libp2pException(message, reason);

/// <summary>The connection is closed, or closed while something was being done on it.</summary>
public sealed class ConnectionClosedException(string message, EndReason reason) : Libp2pException(message, reason);

/// <summary>
/// The remote broke the rules: a malformed, oversized or unexpected message. The smallest thing that keeps us safe is closed.
/// </summary>
public sealed class ProtocolViolationException(string message, Exception? cause = null)
    : Libp2pException(new EndReason(EndedBy.Violation, ErrorCode.ProtocolViolation, message, cause));

/// <summary>A bound of ours, or one the remote declared, is full.</summary>
public sealed class LimitExceededException(string message)
    : Libp2pException(new EndReason(EndedBy.Limit, ErrorCode.ResourceLimitExceeded, message));

/// <summary>An access policy of ours refused the caller, failed, or took too long: the stream is reset before its handler sees it.</summary>
public sealed class AccessDeniedException(string message, Exception? cause = null)
    : Libp2pException(new EndReason(EndedBy.Local, ErrorCode.Gated, message, cause));

/// <summary>The time for a call, a read, a handshake or a dial is over.</summary>
public sealed class DeadlineExceededException(string message, Exception? cause = null)
    : Libp2pException(new EndReason(EndedBy.Limit, ErrorCode.None, message, cause));

/// <summary>The remote speaks none of the offered protocols.</summary>
public sealed class ProtocolNotSupportedException : Libp2pException
{
    /// <summary>An exception that names what was offered.</summary>
    public ProtocolNotSupportedException(IReadOnlyList<ProtocolId> offered, PeerId? peer = null)
        : base(new EndReason(
            EndedBy.Remote, ErrorCode.ProtocolNegotiationFailed, $"{peer?.ToString() ?? "The remote"} speaks none of {string.Join(", ", offered)}")) =>
        Offered = offered;

    /// <summary>What was offered, in order.</summary>
    public IReadOnlyList<ProtocolId> Offered { get; }
}

/// <summary>The remote ended its direction before a protocol was agreed.</summary>
public sealed class NegotiationException(string message)
    : Libp2pException(new EndReason(EndedBy.Remote, ErrorCode.ProtocolNegotiationFailed, message));

/// <summary>A handshake failed: cryptography, format, or a peer that is not the expected one.</summary>
public sealed class HandshakeException(string message, EndedBy by, Exception? cause = null)
    : Libp2pException(new EndReason(by, ErrorCode.None, message, cause));
