using System.Net;
using System.Net.Sockets;
using Libp2p.Connections;

namespace Libp2p.Transports.Tcp;

/// <summary>An accepted socket that nobody has looked at yet.</summary>
internal sealed class TcpPendingConnection(Socket socket, TcpOptions options) : IPendingConnection<IByteLink>
{
    private Socket? _socket = socket;

    public Multiaddress LocalAddress { get; } = TcpAddress.From((IPEndPoint)socket.LocalEndPoint!);

    public Multiaddress RemoteAddress { get; } = TcpAddress.From((IPEndPoint)socket.RemoteEndPoint!);

    public ValueTask<IByteLink> AcceptAsync(ConnectionAdmission admission, CancellationToken cancellationToken)
    {
        Socket socket = Interlocked.Exchange(ref _socket, null) ?? throw new InvalidOperationException("The pending connection was taken or refused already.");
        try
        {
            options.Apply(socket);
            return ValueTask.FromResult<IByteLink>(new TcpLink(socket));
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
