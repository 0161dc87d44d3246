using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Libp2p.Connections;

namespace Libp2p.Transports.Tcp;

/// <summary>A connected socket as a byte link.</summary>
internal sealed class TcpLink : IByteLink
{
    // One Noise frame and its length fit; idle sockets hold no buffer (zero-byte reads).
    private static readonly StreamPipeReaderOptions s_readerOptions = new(
        bufferSize: 2 * (ushort.MaxValue + 1), minimumReadSize: 16 * 1024, leaveOpen: true, useZeroByteReads: true);

    private readonly Socket _socket;
    private readonly SocketWriter _output;
    private int _disposed;

    public TcpLink(Socket socket)
    {
        _socket = socket;
        LocalAddress = TcpAddress.From((IPEndPoint)socket.LocalEndPoint!);
        RemoteAddress = TcpAddress.From((IPEndPoint)socket.RemoteEndPoint!);
        Input = PipeReader.Create(new NetworkStream(socket, ownsSocket: false), s_readerOptions);
        _output = new SocketWriter(socket);
    }

    /// <summary>For tests: how it was set up.</summary>
    internal Socket Socket => _socket;

    public PipeReader Input { get; }

    public PipeWriter Output => _output;

    public Multiaddress LocalAddress { get; }

    public Multiaddress RemoteAddress { get; }

    public bool IsRelayed => false;

    public ConnectionLimit? Limit => null;

    public void Abort(EndReason reason)
    {
        try
        {
            _socket.LingerState = new LingerOption(true, 0); // a reset: the remote learns at once
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is closed already.
        }

        _socket.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _output.CompleteAsync();
            _socket.Dispose();
            await Input.CompleteAsync();
        }
    }
}
