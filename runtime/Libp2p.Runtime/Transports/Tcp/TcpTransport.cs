using System.Net;
using System.Net.Sockets;
using Libp2p.Connections;

namespace Libp2p.Transports.Tcp;

/// <summary>TCP over IPv4 and IPv6: <c>/ip4/…/tcp/…</c> and <c>/ip6/…/tcp/…</c>. Yields byte links.</summary>
public sealed class TcpTransport(TcpOptions options) : ITransport
{
    /// <summary>TCP with default options.</summary>
    public TcpTransport()
        : this(new TcpOptions())
    {
    }

    /// <inheritdoc/>
    public string Name => "tcp";

    /// <inheritdoc/>
    public bool CanDial(Multiaddress address) => TcpAddress.TryGetEndPoint(address, out IPEndPoint? endPoint) && endPoint.Port != 0;

    /// <inheritdoc/>
    public bool CanListen(Multiaddress address) => TcpAddress.TryGetEndPoint(address, out _);

    /// <inheritdoc/>
    public async ValueTask<ITransportConnection> DialAsync(Multiaddress address, DialRequest request, CancellationToken cancellationToken)
    {
        IPEndPoint endPoint = TcpAddress.GetEndPoint(address);
        Socket socket = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            options.Apply(socket);
            await socket.ConnectAsync(endPoint, cancellationToken);
            return new TcpLink(socket);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException(e.Message, e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<ITransportListener> ListenAsync(Multiaddress address, CancellationToken cancellationToken)
    {
        IPEndPoint endPoint = TcpAddress.GetEndPoint(address);
        Socket socket = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = false; // so that /ip4/0.0.0.0 and /ip6/:: can share a port
            }

            socket.Bind(endPoint);
            socket.Listen(options.Backlog);
            return ValueTask.FromResult<ITransportListener>(new TcpListener(socket, options));
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException($"Cannot listen on {address}: {e.Message}", e);
        }
    }
}

/// <summary>How TCP sockets are set up. Immutable.</summary>
public sealed record TcpOptions
{
    /// <summary>Connections that the operating system holds until they are accepted.</summary>
    public int Backlog { get; init; } = 512;

    /// <summary>Quiet time after which the operating system begins to probe a connection.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Without delay, as every muxed protocol wants it, and with keep-alive.</summary>
    internal void Apply(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)KeepAlive.TotalSeconds);
    }
}
