using Libp2p.Connections;

namespace Libp2p;

/// <summary>
/// The reason that a stream is reset with, from the exception that ended its use: the one mapping for calls, for handlers, for streams that
/// are joined and for outputs that are completed. The text of an exception stays on this side; only the code travels.
/// </summary>
internal static class ResetReason
{
    /// <summary>A call that its caller cancelled.</summary>
    public static readonly EndReason GivenUp = new(EndedBy.Caller, ErrorCode.Cancelled, "Cancelled by the caller");

    /// <summary>A call's, at the initiator.</summary>
    /// <param name="thrown">What ended the call.</param>
    /// <param name="isGivenUp">Whether the caller's token is cancelled.</param>
    public static EndReason OfCall(Exception thrown, bool isGivenUp) =>
        isGivenUp && thrown is OperationCanceledException ? GivenUp : OfExchange(thrown, ErrorCode.Cancelled);

    /// <summary>An exchange's that a handler serves: of what failed while it read or wrote.</summary>
    /// <param name="thrown">What ended the exchange.</param>
    /// <param name="isClosing">Whether its connection or its node is closing.</param>
    public static EndReason OfServing(Exception thrown, bool isClosing) =>
        isClosing && thrown is OperationCanceledException ? CallFailure.Closing : OfExchange(thrown, ErrorCode.HandlerFailed);

    /// <summary>A handler's: an exception of the library's keeps its reason and code.</summary>
    /// <param name="thrown">What left the handler.</param>
    public static EndReason OfHandler(Exception thrown) => thrown is Libp2pException known
        ? known.Reason
        : Local(ErrorCode.HandlerFailed, $"The handler failed with {thrown.GetType().Name}: {thrown.Message}", thrown);

    /// <summary>Of an exception that the operation declares a code for (<see cref="ResetCodeAttribute"/>); null for any other.</summary>
    /// <param name="thrown">What was thrown.</param>
    /// <param name="codes">As declared: the closest type first.</param>
    public static EndReason? OfDeclared(Exception thrown, IReadOnlyList<ResetCode> codes) =>
        ResetCode.Of(codes, thrown) is { } code ? Local(code, thrown.Message, thrown) : null;

    /// <summary>Of both of two joined streams: a code that one side received goes on to the other.</summary>
    /// <param name="thrown">What ended the first direction.</param>
    /// <param name="codes">The codes that stand for exceptions.</param>
    /// <param name="isGivenUp">Whether the caller's token is cancelled.</param>
    public static EndReason OfJoined(Exception thrown, IReadOnlyList<ResetCode> codes, bool isGivenUp) => thrown switch
    {
        OperationCanceledException when isGivenUp => GivenUp,
        _ when OfDeclared(thrown, codes) is { } declared => declared,
        Libp2pException { Reason: { By: EndedBy.Limit or EndedBy.Violation } reason } => reason,
        Libp2pException { Reason: { } reason } => Local(reason.Code, reason.Reason, thrown),
        _ => Local(ErrorCode.HandlerFailed, thrown.Message, thrown),
    };

    /// <summary>Of a stream whose output was completed with an exception: one of the library's keeps its reason and code.</summary>
    /// <param name="thrown">What the output was completed with.</param>
    /// <param name="direction">Whether our side opened the stream.</param>
    public static EndReason OfOutput(Exception thrown, Direction direction) => thrown is Libp2pException known
        ? known.Reason
        : Local(direction == Direction.Outbound ? ErrorCode.Cancelled : ErrorCode.HandlerFailed, thrown.Message, thrown);

    private static EndReason OfExchange(Exception thrown, ErrorCode otherwise) =>
        thrown is DeadlineExceededException or LimitExceededException or ProtocolViolationException
            ? ((Libp2pException)thrown).Reason
            : Local(otherwise, thrown.Message, thrown);

    private static EndReason Local(ErrorCode code, string reason, Exception cause) => new(EndedBy.Local, code, reason, cause);
}
