using Microsoft.Extensions.Logging;

namespace Libp2p.Hosting;

/// <summary>Log messages 1300-1399: the node of a host.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(1300, LogLevel.Information, "The libp2p node {Peer} has started")]
    public static partial void Started(ILogger logger, PeerId peer);

    [LoggerMessage(1301, LogLevel.Information, "A new identity, {Peer}, was written to {Path}")]
    public static partial void KeyFileMade(ILogger logger, string path, PeerId peer);

    [LoggerMessage(1302, LogLevel.Warning, "Other users can read or write the key file {Path}; its mode should be 600")]
    public static partial void KeyFileExposed(ILogger logger, string path);
}
