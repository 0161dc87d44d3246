using Libp2p.Connections;
using Libp2p.Telemetry;
using Microsoft.Extensions.Logging;

namespace Libp2p.Node.Connections;

/// <summary>Log messages 1000-1099: connections and their streams.</summary>
internal static partial class ConnectionLog
{
    [LoggerMessage(1000, LogLevel.Debug, "Connection {ConnectionId} with {Peer} at {Address} is open ({Direction})")]
    public static partial void Opened(ILogger logger, long connectionId, PeerId peer, LoggedAddress address, Direction direction);

    [LoggerMessage(1001, LogLevel.Debug, "Connection {ConnectionId} has ended: {Reason}")]
    public static partial void Ended(ILogger logger, long connectionId, string reason);

    [LoggerMessage(1003, LogLevel.Debug, "Inbound connection from {Address} failed: {Reason}")]
    public static partial void InboundFailed(ILogger logger, LoggedAddress address, string reason, Exception exception);

    [LoggerMessage(1004, LogLevel.Debug, "Inbound connection from {Address} was refused: {Reason}")]
    public static partial void InboundRefused(ILogger logger, LoggedAddress address, string reason);

    [LoggerMessage(1005, LogLevel.Information, "Listening on {Address}")]
    public static partial void Listening(ILogger logger, LoggedAddress address);

    [LoggerMessage(1006, LogLevel.Warning, "Nothing can be accepted on {Address}; trying again in {Pause}")]
    public static partial void AcceptFailed(ILogger logger, LoggedAddress address, TimeSpan pause, Exception exception);

    [LoggerMessage(1007, LogLevel.Debug, "Dialling {Address} failed in {Stage}: {Reason}")]
    public static partial void DialFailed(ILogger logger, LoggedAddress address, DialStage stage, string reason);

    [LoggerMessage(1011, LogLevel.Error, "Listening on {Address} has ended, although the node goes on")]
    public static partial void ListeningEnded(ILogger logger, LoggedAddress address, Exception? exception);

    [LoggerMessage(1013, LogLevel.Information, "The time for draining is over: {Streams} streams that were open are cut off")]
    public static partial void DrainingCutOff(ILogger logger, int streams);
}
