using System.Net;
using System.Net.Sockets;
using Libp2p.Connections;
using Libp2p.Services;

namespace Libp2p.Transports.Tcp;

/// <summary>A listening socket.</summary>
internal sealed class TcpListener : ITransportListener<IByteLink>
{
    private readonly Socket _socket;
    private readonly TcpOptions _options;
    private readonly ListeningPorts _ports;
    private readonly INetworkInterfaces _interfaces;
    private readonly IPEndPoint _endPoint;

    public TcpListener(Socket socket, TcpOptions options, ListeningPorts ports, INetworkInterfaces interfaces)
    {
        _socket = socket;
        _options = options;
        _ports = ports;
        _interfaces = interfaces;
        _endPoint = (IPEndPoint)socket.LocalEndPoint!;
        ports.Add(_endPoint);
    }

    /// <summary>Raised for a wildcard only: of one address, the interface may go while the socket stays.</summary>
    public event Action? AddressesChanged
    {
        add
        {
            if (IsWildcard)
            {
                _interfaces.Changed += value;
            }
        }

        remove => _interfaces.Changed -= value;
    }

    private bool IsWildcard => _endPoint.Address.Equals(IPAddress.Any) || _endPoint.Address.Equals(IPAddress.IPv6Any);

    public IReadOnlyList<Multiaddress> Addresses => [.. Reachable().Select(ip => TcpAddress.From(new IPEndPoint(ip, _endPoint.Port)))];

    public async ValueTask<IPendingConnection<IByteLink>?> AcceptAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                Socket accepted = await _socket.AcceptAsync(cancellationToken);
                if (TryHandOver(accepted) is { } pending)
                {
                    return pending;
                }
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.OperationAborted)
            {
                return null;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
            {
                // The remote was gone before it was accepted: not our listener's failure.
            }
            catch (SocketException e)
            {
                throw new IOException(e.Message, e); // no file descriptors, no memory: listening goes on
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _ports.Remove(_endPoint);
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private TcpPendingConnection? TryHandOver(Socket accepted)
    {
        try
        {
            return new TcpPendingConnection(accepted, _options);
        }
        catch (SocketException)
        {
            accepted.Dispose(); // it is gone already, and has no address any more
            return null;
        }
    }

    /// <summary>The address itself, or for a wildcard those of the machine; link-local ones are left out, as no other link can use them.</summary>
    private IEnumerable<IPAddress> Reachable()
    {
        IPAddress bound = _endPoint.Address;
        bool isBoth = bound.AddressFamily == AddressFamily.InterNetworkV6 && _options.DualStack;
        return IsWildcard
            ? _interfaces.Addresses.Where(ip => (isBoth || ip.AddressFamily == bound.AddressFamily) && !ip.IsIPv6LinkLocal)
            : [bound];
    }
}
