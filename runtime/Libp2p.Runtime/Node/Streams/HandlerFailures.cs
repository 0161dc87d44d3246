using Libp2p.Connections;
using Microsoft.Extensions.Logging;

namespace Libp2p.Node.Streams;

/// <summary>
/// What the operator is told of a handler's failure. An exception that the handler is to blame for is an error, one that it declared is
/// information, and what the remote, the link or the end of the connection did is neither.
/// </summary>
internal static partial class HandlerFailures
{
    /// <summary>Logs the failure of the handler of a stream, if it is the operator's concern.</summary>
    /// <param name="log">Where.</param>
    /// <param name="connection">What carried the stream.</param>
    /// <param name="stream">The stream, before it is reset for the failure.</param>
    /// <param name="failure">What the handler's call ended with.</param>
    /// <param name="isClosing">Whether the connection or the node is closing.</param>
    public static void Tell(ILogger log, IPeerConnection connection, P2PStream stream, Exception failure, bool isClosing)
    {
        EndReason? end = stream.End;
        if (end is { By: EndedBy.Local, Code.Value: >= ErrorCode.FirstApplicationCode } && end.Cause == failure)
        {
            Refused(log, connection.Id, stream.Id, stream.Operation ?? "", stream.Protocol, connection.RemotePeer, failure.GetType().Name, end.Code, failure.Message);
        }
        else if (IsHandlers(failure, end, stream.Aborted.IsCancellationRequested || isClosing))
        {
            Failed(log, connection.Id, stream.Id, stream.Operation ?? "", stream.Protocol, connection.RemotePeer, failure);
        }
    }

    /// <summary>Whether the handler, and not the remote, the link or a limit, is what failed.</summary>
    private static bool IsHandlers(Exception failure, EndReason? end, bool isOver) => failure switch
    {
        OperationCanceledException => !isOver, // of a wait of its own: the call's end was explained as what it is
        LimitExceededException limit => limit.Reason.Code == ErrorCode.MessageTooLong,
        ProtocolViolationException or DeadlineExceededException => false,
        Libp2pException => end is null && !isOver, // of a call that it made in its turn
        _ => true,
    };

    [LoggerMessage(1009, LogLevel.Error, "Connection {ConnectionId}, stream {StreamId}: the handler of {Operation} ({Protocol}) failed, called by {Peer}")]
    private static partial void Failed(
        ILogger logger, long connectionId, long streamId, string operation, ProtocolId protocol, PeerId peer, Exception exception);

    [LoggerMessage(1031, LogLevel.Information, "Connection {ConnectionId}, stream {StreamId}: the handler of {Operation} ({Protocol}) answered {Peer} with {Exception}, code {Code}: {Reason}")]
    private static partial void Refused(
        ILogger logger, long connectionId, long streamId, string operation, ProtocolId protocol, PeerId peer, string exception, ErrorCode code, string reason);
}
