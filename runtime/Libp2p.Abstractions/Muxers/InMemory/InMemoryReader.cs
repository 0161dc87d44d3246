using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Libp2p.Muxers;

/// <summary>
/// The input of one end: the channel's pipe, which also fails with a reset, when the remote's after what it flushed before, and ends where
/// the end reads no more.
/// </summary>
internal sealed class InMemoryReader(InMemoryStream stream, InMemoryChannel channel) : PipeReader
{
    private readonly Lock _gate = new();
    private readonly PipeReader _pipe = channel.Pipe.Reader;
    private ReadOnlySequence<byte> _held; // what the pipe gave and has not got back
    private bool _isHeld;
    private long _examined; // and not consumed
    private bool _isReading;
    private bool _isDisposed;

    private bool IsDraining => channel is { IsReset: true, IsRefused: false, Rest.IsResetByWriter: true };

    public override bool TryRead(out ReadResult result)
    {
        if (channel.IsDead && !IsDraining)
        {
            result = Dead();
            return true;
        }

        if (!_pipe.TryRead(out result))
        {
            if (IsDraining)
            {
                result = Dead();
                return true;
            }

            return false;
        }

        result = Checked(result);
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        TryRead(out ReadResult result) ? new ValueTask<ReadResult>(result) : WaitAsync(cancellationToken);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return Dead();
            }

            _isReading = true;
        }

        try
        {
            return Checked(await _pipe.ReadAsync(cancellationToken));
        }
        finally
        {
            EndRead();
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_isDisposed)
        {
            throw new InvalidOperationException($"{nameof(AdvanceTo)} after the stream was disposed of.");
        }

        if (_isHeld)
        {
            long bytes = _held.Slice(0, consumed).Length;
            _examined = _held.Slice(0, examined).Length - bytes;
            (_isHeld, _held) = (false, default);
            _pipe.AdvanceTo(consumed, examined);
            channel.Consumed(bytes);
        }
    }

    public override void CancelPendingRead() => _pipe.CancelPendingRead();

    public override void Complete(Exception? exception = null) => stream.CloseRead(default);

    /// <summary>Gives the pipe's memory back, at once or when the pending read has ended.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            if (!_isReading)
            {
                _pipe.Complete();
            }
        }
    }

    private void EndRead()
    {
        lock (_gate)
        {
            _isReading = false;
            if (_isDisposed)
            {
                _pipe.Complete();
            }
        }
    }

    private ReadResult Checked(in ReadResult result)
    {
        if (IsDraining)
        {
            // What was written and not flushed was not sent.
            ReadOnlySequence<byte> flushed = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, channel.Outstanding));
            if (flushed.Length > _examined)
            {
                (_isHeld, _held) = (true, flushed);
                return new ReadResult(flushed, isCanceled: false, channel.Rest.WasEnded);
            }
        }

        if (channel.IsDead)
        {
            _pipe.AdvanceTo(result.Buffer.Start);
            return Dead();
        }

        (_isHeld, _held) = (true, result.Buffer);
        return result;
    }

    private ReadResult Dead()
    {
        stream.ThrowIfReset(channel);
        return new ReadResult(default, isCanceled: false, isCompleted: true);
    }
}
