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

    [LoggerMessage(2004, LogLevel.Debug, "Connection {ConnectionId}: record {Sequence} of {Peer} is ignored: a newer one is known")]
    public static partial void OldRecord(ILogger logger, long connectionId, PeerId peer, ulong sequence);

    [LoggerMessage(2005, LogLevel.Warning, "Identify: a description has at most {MaxLength} bytes, so it leaves out {Protocols} of {AllProtocols} protocols (the first: {FirstProtocol}) and {Addresses} addresses: peers that rely on identify do not call these protocols. Serve fewer or shorter protocol ids; IdentifyService.Omitted lists them")]
    public static partial void LeftOut(ILogger logger, int maxLength, int protocols, int allProtocols, int addresses, string firstProtocol);
}
