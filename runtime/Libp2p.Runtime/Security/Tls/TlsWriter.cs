using System.Buffers;
using System.IO.Pipelines;

namespace Libp2p.Security.Tls;

/// <summary>
/// Collects plaintext in a pooled buffer of a record's size, and encrypts it into the link when the buffer is full and at the flush. The
/// link is flushed once for all records. Between flushes nothing is rented.
/// </summary>
/// <remarks>Owns the link's output. One writer at a time; completion is thread-safe, and sends a close_notify first.</remarks>
internal sealed class TlsWriter(PipeWriter link, TlsSession session) : PipeWriter
{
    /// <summary>So much is written before the link is asked whether it can take more.</summary>
    private const int MaxUnflushed = 16 * TlsRecord.MaxPlaintext;

    private readonly Lock _gate = new(); // the session and the buffer, against completion from elsewhere
    private byte[]? _buffer;
    private int _written;
    private long _unflushed;
    private bool _isLent;
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

            if (_buffer is null || _buffer.Length - _written < size)
            {
                Encrypt();
                Rent(size);
            }

            _isLent = true;
            return _buffer.AsMemory(_written);
        }
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        lock (_gate)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)((_buffer?.Length ?? 0) - _written), nameof(bytes));
            _written += bytes;
            _unflushed += bytes;
            _isLent = false;
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            ThrowIfCompleted();
            Encrypt();
            Return();
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

            if (_buffer is not null && source.Length <= _buffer.Length - _written)
            {
                source.Span.CopyTo(_buffer.AsSpan(_written));
                _written += source.Length;
            }
            else
            {
                Encrypt();
                Encrypt(source.Span);
            }
        }

        return FlushAsync(cancellationToken);
    }

    public override void CancelPendingFlush() => link.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        Finish(isOrderly: exception is null);
        link.Complete(exception);
    }

    public override ValueTask CompleteAsync(Exception? exception = null)
    {
        Finish(isOrderly: exception is null);
        return link.CompleteAsync(exception);
    }

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

    /// <summary>Encrypts what the buffer holds.</summary>
    private void Encrypt()
    {
        int count = _written;
        _written = 0;
        Encrypt(_buffer.AsSpan(0, count));
    }

    private void Encrypt(ReadOnlySpan<byte> plaintext)
    {
        if (plaintext.IsEmpty)
        {
            return; // a record without data is legal, and tells of a write that was none
        }

        session.Wire.BeginWriting(link);
        try
        {
            session.Stream.Write(plaintext);
        }
        catch (Exception failure) when (failure is not IOException && TlsFailure.IsPlatforms(failure))
        {
            throw new IOException(TlsFailure.Describe(failure), failure);
        }
        finally
        {
            session.Wire.EndWriting();
        }
    }

    private void Rent(int size)
    {
        if (_buffer is null || _buffer.Length < size)
        {
            Return();
            _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(size, TlsRecord.MaxPlaintext));
        }
    }

    private void Return()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Finish(bool isOrderly)
    {
        lock (_gate)
        {
            if (_completed)
            {
                return;
            }

            _completed = true;
            if (isOrderly)
            {
                SayGoodbye();
            }

            if (_isLent)
            {
                _buffer = null; // whoever was handed it may still be writing
            }

            Return();
            session.LetGo();
        }
    }

    /// <summary>Sends the rest and a close_notify, as far as the session can.</summary>
    private void SayGoodbye()
    {
        try
        {
            Encrypt();
            session.Wire.BeginWriting(link);
            session.Stream.ShutdownAsync().GetAwaiter().GetResult(); // over at once: the wire never waits
        }
        catch (Exception e) when (TlsFailure.IsPlatforms(e))
        {
            // The session has failed, or the link is gone: there is nobody to tell.
        }
        finally
        {
            session.Wire.EndWriting();
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
