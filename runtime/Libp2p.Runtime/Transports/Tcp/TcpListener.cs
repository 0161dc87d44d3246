using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Libp2p.Transports.Tcp;

/// <summary>A listening socket.</summary>
internal sealed class TcpListener : ITransportListener
{
    private readonly Socket _socket;
    private readonly TcpOptions _options;
    private readonly ListeningPorts _ports;
    private readonly IPEndPoint _endPoint;

    public TcpListener(Socket socket, TcpOptions options, ListeningPorts ports)
    {
        _socket = socket;
        _options = options;
        _ports = ports;
        _endPoint = (IPEndPoint)socket.LocalEndPoint!;
        ports.Add(_endPoint);
    }

    public IReadOnlyList<Multiaddress> Addresses => [.. Reachable().Select(ip => TcpAddress.From(new IPEndPoint(ip, _endPoint.Port)))];

    public async ValueTask<IPendingConnection?> AcceptAsync(CancellationToken cancellationToken)
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

    /// <summary>The address itself, or for a wildcard those of all interfaces that are up; link-local ones are left out, as nobody else can use them.</summary>
    private IEnumerable<IPAddress> Reachable()
    {
        IPAddress bound = _endPoint.Address;
        if (!bound.Equals(IPAddress.Any) && !bound.Equals(IPAddress.IPv6Any))
        {
            return [bound];
        }

        bool isBoth = bound.AddressFamily == AddressFamily.InterNetworkV6 && _options.DualStack;
        return NetworkInterface.GetAllNetworkInterfaces()
            .Where(nic => nic.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
            .SelectMany(nic => nic.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .Where(ip => (isBoth || ip.AddressFamily == bound.AddressFamily) && !ip.IsIPv6LinkLocal)
            .Distinct();
    }
}
