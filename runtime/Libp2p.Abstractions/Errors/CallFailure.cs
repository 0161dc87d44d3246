namespace Libp2p;

/// <summary>
/// Words for the failure of a call: which operation, which peer, what happened and what its reader can do. The layers below throw without
/// knowing the call; here the same type is made again with a message that does. docs/errors.md lists the types and codes.
/// </summary>
internal static class CallFailure
{
    /// <summary>A call that the end of its connection or node ends.</summary>
    public static readonly EndReason Closing = new(EndedBy.Local, ErrorCode.Shutdown, "The connection or the node is closing");

    /// <summary>The remote ended the stream, or reads no more, without a failure.</summary>
    public static readonly EndReason RemoteEnded = new(EndedBy.Remote, ErrorCode.None, "The remote ended the stream in order, and reads no more");

    /// <summary>A kept stream whose responder ended it after a request was sent on it, so that nothing tells whether it was run.</summary>
    public static readonly EndReason KeptStreamEnded = new(
        EndedBy.Local,
        ErrorCode.None,
        "The remote ended the kept stream after the request was sent and before it answered. It may have run the request, which is therefore not sent again; mark the operation [Idempotent] or call with CallContext.MayRepeat where running it twice is harmless");

    /// <summary>What runs: the agreed or offered id, the operation, and the peer where there is one.</summary>
    public static string Subject(ProtocolId protocol, string operation, PeerId? peer) =>
        peer is null ? $"{protocol}: {operation}" : $"{protocol}: {operation} (peer {peer})";

    /// <summary>What runs on a raw stream: the agreed id, and the peer where there is one.</summary>
    public static string Subject(ProtocolId protocol, PeerId? peer) => peer is null ? protocol.Value : $"{protocol}: peer {peer}";

    /// <summary>The same failure with a message that begins with the subject.</summary>
    public static Libp2pException Named(Libp2pException failure, string subject) => failure switch
    {
        _ when failure.Message.StartsWith(subject, StringComparison.Ordinal) => failure, // it was made with it
        RemoteEndedException ended => new RemoteEndedException($"{subject}: {Describe(ended)}", ended.MessagesSent),
        StreamResetException reset => new StreamResetException($"{subject}: {Describe(reset.Reason)}", reset.Reason),
        ConnectionClosedException closed => new ConnectionClosedException($"{subject}: {DescribeClosed(closed.Reason)}", closed.Reason),
        ProtocolViolationException => new ProtocolViolationException($"{subject}: {TextOf(failure, subject)}", failure),
        LimitExceededException => new LimitExceededException($"{subject}: {TextOf(failure, subject)}", failure.Reason.Code),
        DeadlineExceededException => new DeadlineExceededException($"{subject}: {TextOf(failure, subject)}", failure),
        ProtocolNotSupportedException missing => missing.For(subject),
        DialException dial => dial.For(subject),
        NegotiationException => new NegotiationException($"{subject}: {failure.Message}"),
        _ => failure,
    };

    /// <summary>The message without the id that it begins with: the subject begins with it, too.</summary>
    private static string TextOf(Libp2pException failure, string subject)
    {
        ReadOnlySpan<char> id = subject.AsSpan(0, subject.IndexOf(':', StringComparison.Ordinal) is > 0 and int end ? end : subject.Length);
        return failure.Message.AsSpan().StartsWith(id) && failure.Message.AsSpan(id.Length).StartsWith(": ")
            ? failure.Message[(id.Length + 2)..]
            : failure.Message;
    }

    private static string Describe(RemoteEndedException ended) =>
        $"the remote ended the stream after {ended.MessagesSent} messages, before everything was sent; its handler returned early, so send again what it has not processed";

    private static string Describe(EndReason reason) => reason switch
    {
        { By: EndedBy.Link } => $"the connection was lost ({reason.Reason}); call again to use another connection",
        { By: not EndedBy.Remote } => reason.Reason,
        _ when reason == RemoteEnded => reason.Reason,
        _ when Remedy(reason.Code) is { } remedy => $"the remote reset the stream ({reason.Code}): {remedy}",
        { Code.Value: 0 } => "the remote reset the stream without a code: it gave up, failed, or cannot send codes; its log says more",
        _ => $"the remote reset the stream with code {reason.Code}, which its application defines",
    };

    private static string DescribeClosed(EndReason reason) => reason.Code == ErrorCode.Shutdown && reason.By == EndedBy.Local
        ? $"{reason.Reason}"
        : $"the connection ended ({reason.Reason}); call again to use another connection";

    /// <summary>What the remote's code says, and what the caller can do.</summary>
    private static string? Remedy(ErrorCode code) => code switch
    {
        _ when code == ErrorCode.HandlerFailed => "its handler failed, and its log says why",
        _ when code == ErrorCode.Cancelled => "it gave the call up before it was complete",
        _ when code == ErrorCode.MessageTooLong => "its reply is longer than it may send; raise the limits of both declarations, or ask for less",
        _ when code == ErrorCode.ResourceLimitExceeded => "it has as many streams as it admits; make fewer calls at once (OutboundPerPeer), or call again later",
        _ when code == ErrorCode.RateLimited => "too many calls in its time; call again later",
        _ when code == ErrorCode.ProtocolViolation => "it took what we sent for a violation; compare the declarations, their limits and codecs",
        _ when code == ErrorCode.Supplanted => "a newer stream took this one's place",
        _ when code == ErrorCode.GarbageCollected => "the stream was unused for too long; call again",
        _ when code == ErrorCode.Shutdown => "it is stopping; call again later, or call another peer",
        _ when code == ErrorCode.Gated => "its access policy refused; its operator admits callers",
        _ when code == ErrorCode.ProtocolNegotiationFailed => "no protocol was agreed",
        _ => null,
    };
}
