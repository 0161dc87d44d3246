using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Libp2p.Connections;

namespace Libp2p.Transports.Tcp;

/// <summary>A listening socket.</summary>
internal sealed class TcpListener(Socket socket, TcpOptions options) : ITransportListener
{
    private readonly IPEndPoint _endPoint = (IPEndPoint)socket.LocalEndPoint!;

    public IReadOnlyList<Multiaddress> Addresses => [.. Reachable(_endPoint.Address).Select(ip => TcpAddress.From(new IPEndPoint(ip, _endPoint.Port)))];

    public async ValueTask<IPendingConnection?> AcceptAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new TcpPendingConnection(await socket.AcceptAsync(cancellationToken), options);
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
        }
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The address itself, or for a wildcard those of all interfaces that are up; link-local ones are left out, as nobody else can use them.</summary>
    private static IEnumerable<IPAddress> Reachable(IPAddress bound)
    {
        if (!bound.Equals(IPAddress.Any) && !bound.Equals(IPAddress.IPv6Any))
        {
            return [bound];
        }

        return NetworkInterface.GetAllNetworkInterfaces()
            .Where(nic => nic.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
            .SelectMany(nic => nic.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .Where(ip => ip.AddressFamily == bound.AddressFamily && !ip.IsIPv6LinkLocal)
            .Distinct();
    }
}

/// <summary>An accepted socket that nobody has looked at yet.</summary>
internal sealed class TcpPendingConnection(Socket socket, TcpOptions options) : IPendingConnection
{
    private Socket? _socket = socket;

    public Multiaddress LocalAddress { get; } = TcpAddress.From((IPEndPoint)socket.LocalEndPoint!);

    public Multiaddress RemoteAddress { get; } = TcpAddress.From((IPEndPoint)socket.RemoteEndPoint!);

    public ValueTask<ITransportConnection> AcceptAsync(CancellationToken cancellationToken)
    {
        Socket socket = Interlocked.Exchange(ref _socket, null) ?? throw new InvalidOperationException("The pending connection was taken or refused already.");
        try
        {
            options.Apply(socket);
            return ValueTask.FromResult<ITransportConnection>(new TcpLink(socket));
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException(e.Message, e); // it is gone already
        }
    }

    public ValueTask DisposeAsync()
    {
        Interlocked.Exchange(ref _socket, null)?.Dispose();
        return ValueTask.CompletedTask;
    }
}
