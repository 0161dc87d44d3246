namespace Libp2p.Node.Streams;

/// <summary>Why a stream is reset, from the exception that ended its exchange.</summary>
internal static class StreamEnds
{
    public static EndReason Explain(Exception exception) => exception switch
    {
        Libp2pException known => known.Reason,
        OperationCanceledException => new EndReason(EndedBy.Caller, ErrorCode.None, "The call was cancelled", exception),
        _ => new EndReason(EndedBy.Local, ErrorCode.None, $"The handler failed with {exception.GetType().Name}", exception),
    };
}
