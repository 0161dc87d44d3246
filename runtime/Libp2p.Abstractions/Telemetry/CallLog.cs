using Libp2p.Connections;
using Microsoft.Extensions.Logging;

namespace Libp2p.Telemetry;

/// <summary>Log messages 1100-1199: calls.</summary>
internal static partial class CallLog
{
    [LoggerMessage(1100, LogLevel.Debug, "{Operation} by {Protocol} ({Direction}) is done after {Milliseconds} ms")]
    public static partial void Done(ILogger logger, string operation, string protocol, Direction direction, double milliseconds);

    [LoggerMessage(1101, LogLevel.Debug, "{Operation} by {Protocol} ({Direction}) failed after {Milliseconds} ms: {Reason}")]
    public static partial void Failed(
        ILogger logger, string operation, string protocol, Direction direction, double milliseconds, string reason, Exception exception);
}
