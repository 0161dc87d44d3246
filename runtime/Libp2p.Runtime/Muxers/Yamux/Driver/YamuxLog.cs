using Libp2p.Telemetry;
using Microsoft.Extensions.Logging;

namespace Libp2p.Muxers.Yamux;

internal static partial class YamuxLog // ids 3100-3119
{
    [LoggerMessage(3100, LogLevel.Debug, "Yamux with {Remote} started")]
    public static partial void Started(ILogger logger, LoggedAddress remote);

    [LoggerMessage(3101, LogLevel.Debug, "Yamux with {Remote} ended: {Reason}")]
    public static partial void Ended(ILogger logger, LoggedAddress remote, EndReason reason);

    [LoggerMessage(3102, LogLevel.Debug, "Yamux with {Remote}: the remote broke the rules. {Violation}")]
    public static partial void Violated(ILogger logger, LoggedAddress remote, string violation);

    [LoggerMessage(3103, LogLevel.Debug, "Yamux with {Remote}: stream {StreamId} is refused, there are too many")]
    public static partial void StreamRefused(ILogger logger, LoggedAddress remote, uint streamId);

    [LoggerMessage(3104, LogLevel.Debug, "Yamux with {Remote}: the link could not be closed")]
    public static partial void LinkNotClosed(ILogger logger, LoggedAddress remote, Exception exception);

    [LoggerMessage(3105, LogLevel.Error, "Yamux with {Remote}: who watched a stream's end threw")]
    public static partial void WatcherFailed(ILogger logger, LoggedAddress remote, Exception exception);

    [LoggerMessage(3106, LogLevel.Error, "Yamux with {Remote} failed")]
    public static partial void Failed(ILogger logger, LoggedAddress remote, Exception exception);
}
