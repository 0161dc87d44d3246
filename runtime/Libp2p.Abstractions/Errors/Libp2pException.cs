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
public class StreamResetException(string message, EndReason reason) : Libp2pException(message, reason);

/// <summary>
/// The remote ended the stream in order, without a failure, before everything was sent to it: a client stream without a result whose
/// handler returned early. What was sent may have been processed; <see cref="MessagesSent"/> tells how much that is at the most.
/// </summary>
public sealed class RemoteEndedException(string message, long messagesSent)
    : StreamResetException(message, new EndReason(EndedBy.Remote, ErrorCode.None, "The remote ended the stream before everything was sent"))
{
    /// <summary>Messages that were handed to the stream before the remote ended it.</summary>
    public long MessagesSent { get; } = messagesSent;
}

/// <summary>The connection is closed, or closed while something was being done on it.</summary>
public sealed class ConnectionClosedException(string message, EndReason reason) : Libp2pException(message, reason);

/// <summary>
/// The remote broke the rules: a malformed, oversized or unexpected message. The smallest thing that keeps us safe is closed.
/// </summary>
public sealed class ProtocolViolationException(string message, Exception? cause = null)
    : Libp2pException(new EndReason(EndedBy.Violation, ErrorCode.ProtocolViolation, message, cause));

/// <summary>
/// A bound of ours is full, with <see cref="ErrorCode.ResourceLimitExceeded"/>, or a message to send is longer than the operation allows,
/// with <see cref="ErrorCode.MessageTooLong"/>.
/// </summary>
/// <param name="message">What was wanted, and what is allowed.</param>
/// <param name="code">What travels; null: <see cref="ErrorCode.ResourceLimitExceeded"/>.</param>
public sealed class LimitExceededException(string message, ErrorCode? code = null)
    : Libp2pException(new EndReason(EndedBy.Limit, code ?? ErrorCode.ResourceLimitExceeded, message));

/// <summary>An access policy of ours refused the caller, failed, or took too long: the stream is reset before its handler sees it.</summary>
public sealed class AccessDeniedException(string message, Exception? cause = null)
    : Libp2pException(new EndReason(EndedBy.Local, ErrorCode.Gated, message, cause));

/// <summary>The time for a call, a read, a handshake or a dial is over.</summary>
public sealed class DeadlineExceededException(string message, Exception? cause = null)
    : Libp2pException(new EndReason(EndedBy.Limit, ErrorCode.None, message, cause));

/// <summary>The remote supports none of the offered protocols.</summary>
public sealed class ProtocolNotSupportedException : Libp2pException
{
    private const int MostNamed = 16; // in the message; the property has all

    private readonly PeerId? _peer;

    /// <summary>An exception that names what was offered.</summary>
    /// <param name="offered">What was offered, in order.</param>
    /// <param name="peer">The remote, if it is known.</param>
    /// <param name="supported">What the remote supports, if that is known.</param>
    public ProtocolNotSupportedException(IReadOnlyList<ProtocolId> offered, PeerId? peer = null, IReadOnlyList<ProtocolId>? supported = null)
        : this(null, offered, peer, supported)
    {
    }

    private ProtocolNotSupportedException(string? subject, IReadOnlyList<ProtocolId> offered, PeerId? peer, IReadOnlyList<ProtocolId>? supported)
        : base(
            (subject is null ? "" : subject + ": ") + Describe(offered, peer, supported),
            new EndReason(EndedBy.Remote, ErrorCode.ProtocolNegotiationFailed, Describe(offered, peer, supported))) =>
        (Offered, _peer, Supported) = (offered, peer, supported ?? []);

    /// <summary>What was offered, in order.</summary>
    public IReadOnlyList<ProtocolId> Offered { get; }

    /// <summary>What the remote supports, as identify told; empty where that is not known.</summary>
    public IReadOnlyList<ProtocolId> Supported { get; }

    /// <summary>The same with what was being done.</summary>
    internal ProtocolNotSupportedException For(string subject) => new(subject, Offered, _peer, Supported);

    private static string Describe(IReadOnlyList<ProtocolId> offered, PeerId? peer, IReadOnlyList<ProtocolId>? supported)
    {
        string text = $"{peer?.ToString() ?? "The remote"} supports none of {string.Join(", ", offered)}";
        return supported is not { Count: > 0 } ? text
            : supported.Count <= MostNamed ? $"{text}; it supports {string.Join(", ", supported)}"
            : $"{text}; it supports {string.Join(", ", supported.Take(MostNamed))} and {supported.Count - MostNamed} more";
    }
}

/// <summary>The remote ended its direction before a protocol was agreed.</summary>
public sealed class NegotiationException(string message)
    : Libp2pException(new EndReason(EndedBy.Remote, ErrorCode.ProtocolNegotiationFailed, message));

/// <summary>A handshake failed: cryptography, format, or a peer that is not the expected one.</summary>
public sealed class HandshakeException(string message, EndedBy by, Exception? cause = null)
    : Libp2pException(new EndReason(by, ErrorCode.None, message, cause));
