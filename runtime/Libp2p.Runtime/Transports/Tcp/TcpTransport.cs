using System.Net;
using System.Net.Sockets;
using Libp2p.Connections;
using Libp2p.Services;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Libp2p.Transports.Tcp;

/// <summary>TCP over IPv4 and IPv6: <c>/ip4/…/tcp/…</c> and <c>/ip6/…/tcp/…</c>. Yields byte links.</summary>
/// <param name="interfaces">The machine's addresses, for wildcards.</param>
/// <param name="options">How sockets are set up; null: the defaults.</param>
/// <param name="logger">Where to log; null: nowhere.</param>
public sealed class TcpTransport(INetworkInterfaces interfaces, TcpOptions? options = null, ILogger<TcpTransport>? logger = null) : ILinkTransport
{
    private readonly TcpOptions _options = options ?? new TcpOptions();
    private readonly ListeningPorts _ports = new();
    private readonly ILogger _log = logger ?? NullLogger<TcpTransport>.Instance;

    /// <summary>TCP for a node.</summary>
    /// <param name="node">The node's context.</param>
    /// <param name="options">How sockets are set up; null: the defaults.</param>
    public TcpTransport(NodeContext node, TcpOptions? options = null)
        : this(node.Interfaces, options, node.Logging.CreateLogger<TcpTransport>())
    {
    }

    /// <inheritdoc/>
    public string Name => "tcp";

    /// <inheritdoc/>
    public bool CanDial(Multiaddress address) => TcpAddress.TryGetEndPoint(address, out IPEndPoint? endPoint) && endPoint.Port != 0;

    /// <inheritdoc/>
    public bool CanListen(Multiaddress address) => TcpAddress.TryGetEndPoint(address, out _);

    /// <inheritdoc/>
    public async ValueTask<IByteLink> DialAsync(TransportDial dial, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dial);
        IPEndPoint target = TcpAddress.GetEndPoint(dial.Address);
        if (dial.SourcePort == SourcePort.Reuse)
        {
            if (await TryDialFromListeningPortAsync(target, cancellationToken) is { } link)
            {
                return link;
            }
        }

        return await ConnectAsync(target, from: null, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<ITransportListener<IByteLink>> ListenAsync(Multiaddress address, CancellationToken cancellationToken)
    {
        IPEndPoint endPoint = TcpAddress.GetEndPoint(address);
        try
        {
            EnsureFree(endPoint);
            Socket socket = Open(endPoint.AddressFamily, _options.ShareListeningPort);
            try
            {
                socket.Bind(endPoint);
                socket.Listen(_options.Backlog);
                return ValueTask.FromResult<ITransportListener<IByteLink>>(new TcpListener(socket, _options, _ports, interfaces));
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        catch (SocketException e)
        {
            throw e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported or SocketError.ProtocolFamilyNotSupported
                ? new AddressUnavailableException($"Cannot listen on {address}: {e.Message}", e)
                : new IOException($"Cannot listen on {address}: {e.Message}", e);
        }
    }

    /// <summary>Dials from a port we listen on, if there is one that fits and is free towards the target.</summary>
    private async ValueTask<TcpLink?> TryDialFromListeningPortAsync(IPEndPoint target, CancellationToken cancellationToken)
    {
        if (!_options.ShareListeningPort || _ports.Find(target) is not { } from)
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
            _options.Apply(socket);
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
        if (_options.ShareListeningPort && endPoint.Port != 0)
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
            socket.DualMode = _options.DualStack;
        }

        if (sharesPort)
        {
            // Outside Windows this is SO_REUSEPORT; SO_REUSEADDR is set by binding.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        }

        return socket;
    }
}
