using System.Net;
using Microsoft.Extensions.Logging;

namespace Libp2p.Transports.Tcp;

/// <summary>Log messages 1100-1119: TCP.</summary>
internal static partial class TcpLog
{
    [LoggerMessage(1100, LogLevel.Debug, "Dialling {Target} from a new port instead of one we listen on: {Reason}")]
    public static partial void NewSourcePort(ILogger logger, IPEndPoint target, string reason);
}
