using System.Net;
using System.Net.Sockets;
using Libp2p.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Libp2p.Transports.Tcp;

/// <summary>TCP over IPv4 and IPv6: <c>/ip4/…/tcp/…</c> and <c>/ip6/…/tcp/…</c>. Yields byte links.</summary>
/// <param name="options">How sockets are set up.</param>
/// <param name="logger">Where to log; null: nowhere.</param>
public sealed class TcpTransport(TcpOptions options, ILogger<TcpTransport>? logger = null) : ITransport
{
    private readonly ListeningPorts _ports = new();
    private readonly ILogger _log = logger ?? NullLogger<TcpTransport>.Instance;

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
        IPEndPoint target = TcpAddress.GetEndPoint(address);
        if (request.SourcePort == SourcePort.Reuse)
        {
            if (await TryDialFromListeningPortAsync(target, cancellationToken) is { } link)
            {
                return link;
            }
        }

        return await ConnectAsync(target, from: null, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<ITransportListener> ListenAsync(Multiaddress address, CancellationToken cancellationToken)
    {
        IPEndPoint endPoint = TcpAddress.GetEndPoint(address);
        try
        {
            EnsureFree(endPoint);
            Socket socket = Open(endPoint.AddressFamily, options.ShareListeningPort);
            try
            {
                socket.Bind(endPoint);
                socket.Listen(options.Backlog);
                return ValueTask.FromResult<ITransportListener>(new TcpListener(socket, options, _ports));
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        catch (SocketException e)
        {
            throw new IOException($"Cannot listen on {address}: {e.Message}", e);
        }
    }

    /// <summary>Dials from a port we listen on, if there is one that fits and is free towards the target.</summary>
    private async ValueTask<TcpLink?> TryDialFromListeningPortAsync(IPEndPoint target, CancellationToken cancellationToken)
    {
        if (!options.ShareListeningPort || _ports.Find(target) is not { } from)
        {
            TcpLog.NewSourcePort(_log, target, "the node listens on no port that fits");
            return null;
        }

        try
        {
            return await ConnectAsync(target, from, cancellationToken);
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse or SocketError.AddressNotAvailable })
        {
            TcpLog.NewSourcePort(_log, target, e.Message); // an earlier connection between the two ports is not forgotten yet
            return null;
        }
    }

    private async ValueTask<TcpLink> ConnectAsync(IPEndPoint target, IPEndPoint? from, CancellationToken cancellationToken)
    {
        Socket socket = Open(target.AddressFamily, sharesPort: from is not null);
        try
        {
            options.Apply(socket);
            if (from is not null)
            {
                socket.Bind(from);
            }

            await socket.ConnectAsync(target, cancellationToken);
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

    /// <summary>
    /// Where ports are shared, two listeners on one port would each get some of the connections instead of an error. A socket that
    /// does not share tells them apart.
    /// </summary>
    private void EnsureFree(IPEndPoint endPoint)
    {
        if (options.ShareListeningPort && endPoint.Port != 0)
        {
            using Socket probe = Open(endPoint.AddressFamily, sharesPort: false);
            probe.Bind(endPoint);
        }
    }

    private Socket Open(AddressFamily family, bool sharesPort)
    {
        Socket socket = new(family, SocketType.Stream, ProtocolType.Tcp);
        if (family == AddressFamily.InterNetworkV6)
        {
            socket.DualMode = options.DualStack;
        }

        if (sharesPort)
        {
            // Outside Windows this is SO_REUSEPORT; SO_REUSEADDR is set by binding.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        }

        return socket;
    }
}
