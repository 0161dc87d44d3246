using Microsoft.Extensions.Logging;

namespace Libp2p.Node.Dialing;

/// <summary>Log messages of 1000-1099 on dials.</summary>
internal static partial class DialLog
{
    [LoggerMessage(1014, LogLevel.Debug, "Peer routing by {Router} failed to find {Peer}: {Reason}")]
    public static partial void RoutingFailed(ILogger logger, string router, PeerId peer, string reason);
}
