using Microsoft.Extensions.Logging;

namespace Libp2p.Node;

/// <summary>Log messages of 1000-1099 on the node as a whole.</summary>
internal static partial class NodeLog
{
    [LoggerMessage(1010, LogLevel.Error, "Ending {What} failed; the rest was ended all the same")]
    public static partial void EndFailed(ILogger logger, string what, Exception exception);

    [LoggerMessage(1012, LogLevel.Error, "A gater failed: what it was asked about is refused")]
    public static partial void GaterFailed(ILogger logger, Exception exception);

    [LoggerMessage(1070, LogLevel.Warning, "{What} was cancelled and has not returned; the node no longer waits for it")]
    public static partial void WorkAbandoned(ILogger logger, string what);

    [LoggerMessage(1072, LogLevel.Debug, "{What}, which the node no longer waited for, has failed")]
    public static partial void AbandonedWorkFailed(ILogger logger, string what, Exception exception);

    [LoggerMessage(1071, LogLevel.Warning, "The node does not listen on {Address}: {Reason}")]
    public static partial void AddressUnavailable(ILogger logger, Telemetry.LoggedAddress address, string reason);

    [LoggerMessage(1018, LogLevel.Debug, "The peer store failed to protect {Peer}: what it knows of the peer may expire or be evicted")]
    public static partial void NotProtected(ILogger logger, PeerId peer, Exception exception);
}
