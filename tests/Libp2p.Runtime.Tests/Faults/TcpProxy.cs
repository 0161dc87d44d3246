using System.Net;
using System.Net.Sockets;

namespace Libp2p.Tests.Faults;

/// <summary>Stands between a dialer and a listener on loopback, and fails one direction at one byte, as networks do.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly Socket _listening = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket _towardsListener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Fault? _fault;
    private readonly bool _failsDialer;
    private readonly bool _fragments;
    private readonly Random _noise = new(7);
    private readonly long[] _passed = new long[2];
    private readonly Task _running;
    private Socket? _towardsDialer;
    private volatile bool _hasFailed;
    private volatile bool _isSilent;

    /// <summary>A proxy for one connection.</summary>
    /// <param name="listener">The listener's port.</param>
    /// <param name="fault">What goes wrong; null: nothing.</param>
    /// <param name="failsDialer">Whether it goes wrong with what the dialer sends.</param>
    /// <param name="fragments">Whether each byte travels alone.</param>
    public TcpProxy(int listener, Fault? fault = null, bool failsDialer = true, bool fragments = false)
    {
        (_fault, _failsDialer, _fragments) = (fault, failsDialer, fragments);
        _listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listening.Listen();
        _running = RunAsync(listener);
    }

    /// <summary>Where to dial.</summary>
    public int Port => ((IPEndPoint)_listening.LocalEndPoint!).Port;

    /// <summary>Whether the fault has happened.</summary>
    public bool HasFailed => _hasFailed;

    /// <summary>Bytes that came from the dialer or from the listener.</summary>
    public long Passed(bool fromDialer) => Interlocked.Read(ref _passed[fromDialer ? 0 : 1]);

    public async ValueTask DisposeAsync()
    {
        _listening.Dispose();
        _towardsListener.Dispose();
        _towardsDialer?.Dispose();
        await _running;
        _towardsDialer?.Dispose();
    }

    private async Task RunAsync(int listener)
    {
        try
        {
            _towardsDialer = await _listening.AcceptAsync();
            _towardsDialer.NoDelay = true;
            await _towardsListener.ConnectAsync(IPAddress.Loopback, listener);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return; // nobody came before it was over
        }

        await Task.WhenAll(PassAsync(_towardsDialer, _towardsListener, fromDialer: true), PassAsync(_towardsListener, _towardsDialer, fromDialer: false));
    }

    private async Task PassAsync(Socket from, Socket to, bool fromDialer)
    {
        Fault? fault = fromDialer == _failsDialer ? _fault : null;
        byte[] buffer = new byte[4096];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and int count)
            {
                long before = Passed(fromDialer);
                Interlocked.Add(ref _passed[fromDialer ? 0 : 1], count);
                await PassAsync(to, buffer.AsMemory(0, count), fault, before);
            }

            if (!_isSilent && !(_hasFailed && fault?.Kind == FaultKind.End))
            {
                to.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            if (!_isSilent)
            {
                Break(from, to);
            }
        }
    }

    private async Task PassAsync(Socket to, ReadOnlyMemory<byte> bytes, Fault? fault, long before)
    {
        int intact = fault is null ? bytes.Length : (int)Math.Clamp(fault.At - before, 0, bytes.Length);
        if (!_isSilent && !(fault?.Kind is FaultKind.End && _hasFailed))
        {
            await SendAsync(to, bytes[..intact]);
        }

        if (intact < bytes.Length && fault is not null)
        {
            await FailAsync(to, bytes[intact..].ToArray(), fault.Kind);
        }
    }

    private async Task FailAsync(Socket to, byte[] rest, FaultKind kind)
    {
        bool isFirst = !_hasFailed;
        _hasFailed = true; // before either end can see what follows
        switch (kind)
        {
            case FaultKind.Silence:
                _isSilent = true; // and goes on reading: nobody is told
                break;
            case FaultKind.End when isFirst:
                to.Shutdown(SocketShutdown.Send);
                break;
            case FaultKind.Break:
                Break(_towardsDialer!, _towardsListener);
                break;
            case FaultKind.Flip:
                rest[0] ^= isFirst ? (byte)1 : (byte)0;
                await SendAsync(to, rest);
                break;
            case FaultKind.Garbage:
                _noise.NextBytes(rest);
                await SendAsync(to, rest);
                break;
        }
    }

    private async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        int step = _fragments ? 1 : Math.Max(bytes.Length, 1);
        for (int sent = 0; sent < bytes.Length; sent += step)
        {
            await to.SendAsync(bytes.Slice(sent, step));
        }
    }

    /// <summary>RST, to both.</summary>
    private static void Break(params Socket[] sockets)
    {
        foreach (Socket socket in sockets)
        {
            try
            {
                socket.LingerState = new LingerOption(true, 0);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It is broken already.
            }

            socket.Dispose();
        }
    }
}
