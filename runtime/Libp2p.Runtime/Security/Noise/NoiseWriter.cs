using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;

namespace Libp2p.Security.Noise;

/// <summary>
/// Encrypts where it is written: what is handed out is room for plaintext inside a frame in the link's own buffer. A full frame is
/// encrypted when more room is asked for, the last one at the flush, and the link is flushed once for all of them.
/// </summary>
/// <remarks>Owns the link's output and the key. One writer at a time; completion is thread-safe. Empty frames are never sent: not all peers take them.</remarks>
internal sealed class NoiseWriter(PipeWriter link, CipherState cipher) : PipeWriter
{
    private const int FirstLargeFrame = 16 * 1024;

    /// <summary>So much is written before the link is asked whether it can take more.</summary>
    private const int MaxUnflushed = 4 * NoiseFrame.MaxPlaintext;

    private readonly Lock _gate = new(); // the key and the frame, against completion from elsewhere
    private Memory<byte> _frame;    // the link's memory, from the length on; empty while there is no frame
    private int _written;           // plaintext in it
    private int _sealed;            // frames since the last flush
    private long _unflushed;
    private byte[]? _oversize;      // room for a caller that wants more in one piece than fits into a frame
    private bool _completed;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);

        lock (_gate)
        {
            ThrowIfCompleted();
            int size = Math.Max(sizeHint, 1);

            if (size > NoiseFrame.MaxPlaintext)
            {
                return RentOversize(size);
            }

            ReturnOversize();

            if (Room < size)
            {
                SealFrame();
                BeginFrame(size);
            }

            return _frame.Slice(NoiseFrame.HeaderSize + _written, Room);
        }
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        lock (_gate)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(bytes);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _oversize?.Length ?? Math.Max(Room, 0));

            if (_oversize is { } oversize)
            {
                WriteFrames(oversize.AsSpan(0, bytes));
                ReturnOversize();
            }
            else
            {
                _written += bytes;
            }

            _unflushed += bytes;
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            ThrowIfCompleted();
            SealFrame();
            ReturnOversize();
            _sealed = 0;
            _unflushed = 0;
        }

        return link.FlushAsync(cancellationToken);
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (source.Length > MaxUnflushed)
        {
            return WriteInPartsAsync(source, cancellationToken);
        }

        lock (_gate)
        {
            ThrowIfCompleted();

            if (source.Length <= Room)
            {
                source.Span.CopyTo(_frame.Span[(NoiseFrame.HeaderSize + _written)..]);
                _written += source.Length;
            }
            else
            {
                WriteFrames(source.Span);
            }
        }

        return FlushAsync(cancellationToken);
    }

    public override void CancelPendingFlush() => link.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        Finish(sealRest: exception is null);
        link.Complete(exception);
    }

    public override ValueTask CompleteAsync(Exception? exception = null)
    {
        Finish(sealRest: exception is null);
        return link.CompleteAsync(exception);
    }

    /// <summary>Bytes of plaintext that still fit into the frame.</summary>
    private int Room => Math.Min(_frame.Length - NoiseFrame.Overhead, NoiseFrame.MaxPlaintext) - _written;

    private async ValueTask<FlushResult> WriteInPartsAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
    {
        while (true)
        {
            int count = Math.Min(source.Length, MaxUnflushed);
            FlushResult result = await WriteAsync(source[..count], cancellationToken);
            source = source[count..];

            if (source.IsEmpty || result.IsCompleted || result.IsCanceled)
            {
                return result;
            }
        }
    }

    /// <summary>Asks for a small frame first, so that small messages share the link's memory, and for larger ones once there is more to send.</summary>
    private void BeginFrame(int size)
    {
        int wanted = _sealed == 0 ? size : Math.Max(size, _sealed == 1 ? FirstLargeFrame : NoiseFrame.MaxPlaintext);
        _frame = link.GetMemory(wanted + NoiseFrame.Overhead);
    }

    /// <summary>Encrypts the frame where it stands. An empty one is given up: the link has not counted it.</summary>
    private void SealFrame()
    {
        if (_written > 0)
        {
            Span<byte> frame = _frame.Span[..(_written + NoiseFrame.Overhead)];
            Span<byte> plaintext = frame.Slice(NoiseFrame.HeaderSize, _written);
            Seal(plaintext, frame);
        }

        _frame = default;
        _written = 0;
    }

    /// <summary>Encrypts bytes that lie elsewhere straight into the link.</summary>
    private void WriteFrames(ReadOnlySpan<byte> source)
    {
        SealFrame();

        while (!source.IsEmpty)
        {
            int count = Math.Min(source.Length, NoiseFrame.MaxPlaintext);
            Seal(source[..count], link.GetSpan(count + NoiseFrame.Overhead)[..(count + NoiseFrame.Overhead)]);
            source = source[count..];
        }
    }

    private void Seal(ReadOnlySpan<byte> plaintext, Span<byte> frame)
    {
        BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)(plaintext.Length + CipherState.TagSize));
        Span<byte> message = frame[NoiseFrame.HeaderSize..];
        cipher.Encrypt(plaintext, message[..plaintext.Length], message[plaintext.Length..]);
        link.Advance(frame.Length);
        _sealed++;
    }

    private Memory<byte> RentOversize(int size)
    {
        if (_oversize is null || _oversize.Length < size)
        {
            ReturnOversize();
            _oversize = ArrayPool<byte>.Shared.Rent(size);
        }

        return _oversize;
    }

    private void ReturnOversize()
    {
        if (_oversize is not null)
        {
            ArrayPool<byte>.Shared.Return(_oversize);
            _oversize = null;
        }
    }

    private void Finish(bool sealRest)
    {
        lock (_gate)
        {
            if (!_completed)
            {
                _completed = true;

                if (sealRest)
                {
                    SealFrame();
                }

                _frame = default;
                _oversize = null; // whoever was handed it may still be writing
                cipher.Dispose();
            }
        }
    }

    private void ThrowIfCompleted()
    {
        if (_completed)
        {
            throw new InvalidOperationException("Writing is not allowed after the writer was completed.");
        }
    }
}
