namespace Libp2p.Node.Streams;

/// <summary>Why a stream is reset, from the exception that ended its exchange.</summary>
internal static class StreamEnds
{
    public static EndReason Explain(Exception exception, bool isOver = true) => exception switch
    {
        Libp2pException known => known.Reason,
        OperationCanceledException when isOver => new EndReason(EndedBy.Caller, ErrorCode.Cancelled, "The call was cancelled", exception),
        _ => HandlerFailure.ReasonFor(exception),
    };
}
