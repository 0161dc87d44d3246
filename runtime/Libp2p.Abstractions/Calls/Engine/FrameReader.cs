using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Libp2p.Codecs;

namespace Libp2p;

/// <summary>
/// Takes frames off a pipe, one at a time and not a byte more: what follows a frame stays in the pipe for whoever reads next.
/// </summary>
/// <remarks>
/// A frame that fits under <see cref="TakeOutAt"/> is waited for where it is, and read without a copy, unless it lies in several pieces
/// and is wanted in one. A longer one is taken out of
/// the pipe as it arrives, because its sender's window opens only for what is consumed; memory for it grows with what has arrived,
/// never with what was promised.
/// </remarks>
internal sealed class FrameReader(PipeReader input, MessageFraming framing, FrameRules rules, bool inOnePiece = false) : IDisposable
{
    /// <summary>Bytes above which a frame leaves the pipe before it is whole. Far below any muxer's window.</summary>
    internal const int TakeOutAt = 16 * 1024;

    private byte[]? _taken;       // rented: what was taken out of the pipe of a long frame
    private int _takenLength;
    private FrameExtent? _extent; // of the frame that is arriving, once it is known
    private SequencePosition? _heldTo; // the end of the frame whose payload still lies in the pipe
    private bool _isHolding;
    private bool _isOver;

    /// <summary>The message of the last frame: lent until the next read or <see cref="Release"/>.</summary>
    public ReadOnlySequence<byte> Payload { get; private set; }

    /// <summary>Bytes of whole frames, prefixes included.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Whether anything of a frame has ever arrived.</summary>
    public bool HasSeenBytes { get; private set; }

    /// <summary>Whether a part of a frame has arrived.</summary>
    public bool IsInsideFrame { get; private set; }

    /// <summary>Reads the next frame into <see cref="Payload"/>.</summary>
    /// <returns>False at the end of the stream.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> ReadAsync(Exchange exchange, CancellationToken cancellationToken)
    {
        Release();
        cancellationToken.ThrowIfCancellationRequested();
        bool hasFrame;
        if (input.TryRead(out ReadResult early) && TryTake(early, out hasFrame))
        {
            return hasFrame;
        }

        try
        {
            do
            {
                if (IsInsideFrame)
                {
                    exchange.StartReading();
                }
            }
            while (!TryTake(await input.ReadAsync(cancellationToken), out hasFrame));

            return hasFrame;
        }
        finally
        {
            exchange.StopReading();
        }
    }

    /// <summary>Gives the last frame's bytes back. What has arrived of the next one stays.</summary>
    public void Release()
    {
        if (!_isHolding)
        {
            return;
        }

        _isHolding = false;
        Payload = default;
        if (_heldTo is { } end)
        {
            _heldTo = null;
            input.AdvanceTo(end);
        }

        Dispose();
    }

    /// <summary>
    /// Takes out what was looked at of a frame that is not complete, for whoever reads the pipe next: the pipe itself would let them wait
    /// for more. Nothing is read here after that.
    /// </summary>
    /// <returns>Null where nothing was.</returns>
    public byte[]? TakeUnread()
    {
        Release();
        if (!IsInsideFrame)
        {
            return null;
        }

        try
        {
            input.CancelPendingRead(); // the pipe shows nothing again that was examined, unless a read is cancelled
            if (input.TryRead(out ReadResult rest))
            {
                ReadOnlySequence<byte> examined = rest.Buffer.Slice(0, Math.Min(rest.Buffer.Length, TakeOutAt));
                TakeOut(examined);
                input.AdvanceTo(examined.End);
            }
        }
        catch (Libp2pException)
        {
            // The stream has ended, which its next reader finds out after these bytes.
        }

        byte[] unread = _taken.AsSpan(0, _takenLength).ToArray();
        Dispose();
        return unread;
    }

    /// <summary>Gives rented memory back; the pipe is the stream's.</summary>
    public void Dispose()
    {
        if (_taken is not null)
        {
            ArrayPool<byte>.Shared.Return(_taken);
            _taken = null;
            _takenLength = 0;
        }
    }

    /// <summary>Takes a frame, or the end of the stream, from what the pipe holds; gives the rest back to the pipe.</summary>
    private bool TryTake(in ReadResult result, out bool hasFrame)
    {
        ReadOnlySequence<byte> buffer = result.Buffer;
        IsInsideFrame = _takenLength > 0 || !buffer.IsEmpty;
        HasSeenBytes |= IsInsideFrame;
        hasFrame = !_isOver && TryMeasure(buffer, result.IsCompleted) && TryTakeFrame(buffer);
        if (hasFrame)
        {
            return true;
        }

        if (result.IsCompleted)
        {
            ThrowIfInsideFrame(buffer);
            input.AdvanceTo(buffer.End);
            return true;
        }

        if (_takenLength + buffer.Length >= TakeOutAt)
        {
            TakeOut(buffer);
            input.AdvanceTo(buffer.End);
        }
        else
        {
            input.AdvanceTo(buffer.Start, buffer.End);
        }

        return false;
    }

    private bool TryMeasure(in ReadOnlySequence<byte> buffer, bool isEnd)
    {
        if (_extent is null && framing.TryMeasure(buffer, _takenLength, isEnd, rules, out FrameExtent extent))
        {
            _extent = extent;
        }

        return _extent is not null;
    }

    private bool TryTakeFrame(in ReadOnlySequence<byte> buffer)
    {
        FrameExtent extent = _extent!.Value;
        long due = extent.Total - _takenLength;
        if (buffer.Length < due)
        {
            return false;
        }

        SequencePosition end = buffer.GetPosition(due);
        ReadOnlySequence<byte> frame = buffer.Slice(0, end);
        if (_takenLength > 0 || (inOnePiece && !frame.IsSingleSegment))
        {
            TakeOut(frame);
            input.AdvanceTo(end);
            frame = new ReadOnlySequence<byte>(_taken!, 0, _takenLength);
        }
        else
        {
            _heldTo = end;
        }

        Payload = framing.Trim(frame.Slice(extent.Prefix, extent.Payload));
        rules.Check((ulong)Payload.Length);
        BytesRead += extent.Total;
        _extent = null;
        IsInsideFrame = false;
        _isHolding = true;
        _isOver = framing.EndsWithStream;
        return true;
    }

    private void TakeOut(in ReadOnlySequence<byte> bytes)
    {
        int length = _takenLength + (int)bytes.Length;
        if (_taken is null || _taken.Length < length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(length, 2 * (_taken?.Length ?? TakeOutAt)));
            if (_taken is not null)
            {
                _taken.AsSpan(0, _takenLength).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(_taken);
            }

            _taken = larger;
        }

        bytes.CopyTo(_taken.AsSpan(_takenLength));
        _takenLength = length;
    }

    private void ThrowIfInsideFrame(in ReadOnlySequence<byte> buffer)
    {
        long arrived = _takenLength + buffer.Length;
        if (arrived > 0 && !_isOver)
        {
            ThrowCutShort(arrived);
        }
    }

    [DoesNotReturn]
    private void ThrowCutShort(long arrived) => throw new ProtocolViolationException(_extent is { } extent
        ? $"{rules.Subject}: the stream ended after {arrived} of the {extent.Total} bytes of a frame"
        : $"{rules.Subject}: the stream ended inside a frame of unknown length, after {arrived} bytes");
}
