using Microsoft.Extensions.Logging;

namespace Libp2p.Protocols.Identify;

/// <summary>Log messages 2000-2019: identify.</summary>
internal static partial class IdentifyLog
{
    [LoggerMessage(2000, LogLevel.Debug, "Connection {ConnectionId}: {Peer} is {Agent}, with {Protocols} protocols and {Addresses} addresses")]
    public static partial void Identified(ILogger logger, long connectionId, PeerId peer, string agent, int protocols, int addresses);

    [LoggerMessage(2001, LogLevel.Debug, "Connection {ConnectionId}: {Peer} did not identify itself: {Reason}")]
    public static partial void NotIdentified(ILogger logger, long connectionId, PeerId peer, string reason);

    [LoggerMessage(2002, LogLevel.Debug, "Connection {ConnectionId}: the signed record of {Peer} is ignored: {Fault}")]
    public static partial void BadRecord(ILogger logger, long connectionId, PeerId peer, string fault);

    [LoggerMessage(2003, LogLevel.Debug, "Connection {ConnectionId}: {Peer} was not told what has changed: {Reason}")]
    public static partial void NotPushed(ILogger logger, long connectionId, PeerId peer, string reason);
}
