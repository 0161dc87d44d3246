using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace Libp2p.Security.Tls;

/// <summary>
/// The stream below <c>SslStream</c>, in memory: it reads the record that it was offered, and what it writes is kept until somebody takes
/// it or goes straight into the link. So <c>SslStream</c> never waits for the network, and every wait is the link's.
/// </summary>
/// <remarks>
/// During the handshake <c>SslStream</c> reads asynchronously: without a record the read is parked, and the next offer continues it on
/// the offering thread. After it, reads are synchronous and come only when a record was offered.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "It owns nothing that needs disposing of.")]
internal sealed class TlsWire : Stream, IValueTaskSource<int>
{
    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _kept = new();
    private ManualResetValueTaskSourceCore<int> _reading;
    private ReadOnlySequence<byte> _offered;
    private Memory<byte> _wanted;
    private TaskCompletionSource? _hunger;
    private PipeWriter? _link;
    private int _writingThread;
    private bool _isParked;
    private Exception? _broken;

    /// <summary>Whether a read is parked: everything that was offered is used up.</summary>
    public bool IsHungry
    {
        get
        {
            lock (_gate)
            {
                return _isParked;
            }
        }
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Offers a record, which must stay where it is until it is used up. Continues a parked read.</summary>
    public void Offer(ReadOnlySequence<byte> record)
    {
        int count;
        lock (_gate)
        {
            _offered = record;
            if (!_isParked)
            {
                return;
            }

            _isParked = false;
            count = Take(_wanted.Span);
        }

        _reading.SetResult(count);
    }

    /// <summary>Ends a parked read, and each that follows.</summary>
    public void Break(Exception cause)
    {
        lock (_gate)
        {
            _broken = cause;
            if (!_isParked)
            {
                return;
            }

            _isParked = false;
        }

        _reading.SetException(cause);
    }

    /// <summary>Completes when a read is parked.</summary>
    public Task WhenHungryAsync()
    {
        lock (_gate)
        {
            return _isParked ? Task.CompletedTask : (_hunger ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Moves what was written and kept into the link.</summary>
    public void MoveKept(PipeWriter link)
    {
        lock (_gate)
        {
            if (_kept.WrittenCount > 0)
            {
                link.Write(_kept.WrittenSpan);
                _kept.ResetWrittenCount();
            }
        }
    }

    /// <summary>Drops what was written and kept: the remote is not to see it.</summary>
    public void DropKept()
    {
        lock (_gate)
        {
            _kept.ResetWrittenCount();
        }
    }

    /// <summary>
    /// Until <see cref="EndWriting"/>, what this thread writes goes straight into the link. A thread that reads meanwhile may write, too
    /// (it answers a key update), and does not own the link's output: its words are kept for the next write.
    /// </summary>
    public void BeginWriting(PipeWriter link)
    {
        MoveKept(link);
        _writingThread = Environment.CurrentManagedThreadId;
        _link = link;
    }

    /// <summary>Ends what <see cref="BeginWriting"/> began.</summary>
    public void EndWriting()
    {
        _link = null;
        _writingThread = 0;
    }

    public override int Read(Span<byte> buffer)
    {
        lock (_gate)
        {
            return _offered.IsEmpty ? throw new WireDryException() : Take(buffer);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        TaskCompletionSource? hunger;
        ValueTask<int> parked;
        lock (_gate)
        {
            if (_broken is { } broken)
            {
                return ValueTask.FromException<int>(broken);
            }

            if (!_offered.IsEmpty)
            {
                return new ValueTask<int>(Take(buffer.Span));
            }

            _wanted = buffer;
            _reading.Reset();
            _isParked = true;
            parked = new ValueTask<int>(this, _reading.Version);
            (hunger, _hunger) = (_hunger, null);
        }

        hunger?.SetResult();
        return parked;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_link is { } link && Volatile.Read(ref _writingThread) == Environment.CurrentManagedThreadId)
        {
            link.Write(buffer);
            return;
        }

        lock (_gate)
        {
            _kept.Write(buffer);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override void Flush()
    {
        // The link is flushed by whoever writes to it.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    int IValueTaskSource<int>.GetResult(short token) => _reading.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _reading.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _reading.OnCompleted(continuation, state, token, flags);

    private int Take(Span<byte> buffer)
    {
        int count = (int)Math.Min(buffer.Length, _offered.Length);
        _offered.Slice(0, count).CopyTo(buffer);
        _offered = _offered.Slice(count);
        return count;
    }
}

/// <summary>A read found nothing: the record that was offered carried no application data. <c>SslStream</c> can be read again afterwards.</summary>
internal sealed class WireDryException : IOException;
