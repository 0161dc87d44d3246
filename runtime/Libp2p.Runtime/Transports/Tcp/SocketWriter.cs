using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Libp2p.Transports.Tcp;

/// <summary>
/// Collects what is written in pooled segments and sends them when flushed. Nothing is rented between flushes. Completing it
/// without an exception ends our direction (FIN).
/// </summary>
internal sealed class SocketWriter(Socket socket) : PipeWriter
{
    private const int SegmentSize = 64 * 1024;

    private readonly Queue<Segment> _full = new();
    private Segment _current;
    private bool _completed;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _full.Sum(segment => (long)segment.Length) + _current.Length;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        int wanted = Math.Max(sizeHint, 1);
        if (_current.Buffer is null || _current.Buffer.Length - _current.Length < wanted)
        {
            if (_current.Length > 0)
            {
                _full.Enqueue(_current);
            }
            else if (_current.Buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(_current.Buffer);
            }

            _current = new Segment(ArrayPool<byte>.Shared.Rent(Math.Max(wanted, SegmentSize)), 0);
        }

        return _current.Buffer.AsMemory(_current.Length);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)((_current.Buffer?.Length ?? 0) - _current.Length), nameof(bytes));
        _current = _current with { Length = _current.Length + bytes };
    }

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        while (_full.TryDequeue(out Segment segment))
        {
            await SendAsync(segment, cancellationToken);
        }

        if (_current.Buffer is not null)
        {
            Segment last = _current;
            _current = default;
            await SendAsync(last, cancellationToken);
        }

        return default;
    }

    public override void CancelPendingFlush()
    {
        // A flush is as long as the socket takes; it ends by its token or by aborting the link.
    }

    public override void Complete(Exception? exception = null)
    {
        if (_completed)
        {
            return;
        }

        _completed = true;
        while (_full.TryDequeue(out Segment segment))
        {
            ArrayPool<byte>.Shared.Return(segment.Buffer!);
        }

        if (_current.Buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_current.Buffer);
            _current = default;
        }

        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The link is gone: there is nobody to tell.
        }
    }

    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        if (!_completed && exception is null)
        {
            try
            {
                await FlushAsync();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // The link is gone, and its reader tells why.
            }
        }

        Complete(exception);
    }

    private async ValueTask SendAsync(Segment segment, CancellationToken cancellationToken)
    {
        try
        {
            for (int sent = 0; sent < segment.Length;)
            {
                sent += await socket.SendAsync(segment.Buffer.AsMemory(sent, segment.Length - sent), SocketFlags.None, cancellationToken);
            }
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(segment.Buffer!);
        }
    }

    private readonly record struct Segment(byte[]? Buffer, int Length);
}
