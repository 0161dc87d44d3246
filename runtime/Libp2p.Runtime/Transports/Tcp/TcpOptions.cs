using System.Net.Sockets;

namespace Libp2p.Transports.Tcp;

/// <summary>How TCP sockets are set up. Immutable.</summary>
public sealed record TcpOptions
{
    /// <summary>Connections that the operating system holds until they are accepted.</summary>
    public int Backlog { get; init; } = 512;

    /// <summary>Quiet time after which the operating system begins to probe a connection.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether listening on <c>/ip6/::</c> takes IPv4 connections too. False: each family is listened on by itself, so that
    /// <c>/ip4/0.0.0.0</c> and <c>/ip6/::</c> can share a port.
    /// </summary>
    public bool DualStack { get; init; }

    /// <summary>
    /// Whether connections can be dialled from a port that is listened on (<see cref="SourcePort.Reuse"/>), as hole punching needs it.
    /// Only where the operating system lets several sockets of one user share a port: not on Windows.
    /// </summary>
    public bool ShareListeningPort { get; init; } = OperatingSystem.IsLinux() || OperatingSystem.IsMacOS();

    /// <summary>Without delay, as every muxed protocol wants it, and with keep-alive.</summary>
    internal void Apply(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)KeepAlive.TotalSeconds);
    }
}
