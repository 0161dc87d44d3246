using Microsoft.Extensions.Logging;

namespace Libp2p.Node.Streams;

/// <summary>Log messages of 1000-1099 on the streams of a connection.</summary>
internal static partial class StreamLog
{
    [LoggerMessage(1002, LogLevel.Debug, "Connection {ConnectionId}: stream {StreamId} was reset: {Reason}")]
    public static partial void StreamFailed(ILogger logger, long connectionId, long streamId, string reason, Exception exception);

    [LoggerMessage(1008, LogLevel.Debug, "Connection {ConnectionId}: the peer store failed: {Reason}")]
    public static partial void PeerStoreFailed(ILogger logger, long connectionId, string reason, Exception exception);
}
