using System.Net;
using Microsoft.Extensions.Logging;

namespace Libp2p.Transports.Tcp;

/// <summary>Log messages 1200-1219: TCP.</summary>
internal static partial class TcpLog
{
    [LoggerMessage(1200, LogLevel.Debug, "Dialling {Target} from a new port instead of one we listen on: {Reason}")]
    public static partial void NewSourcePort(ILogger logger, IPEndPoint target, string reason);
}
