using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Libp2p.Codecs;
using Libp2p.Limits;

namespace Libp2p;

/// <summary>
/// Takes frames off a pipe, one at a time and not a byte more: what follows a frame stays in the pipe for its next reader.
/// </summary>
/// <remarks>
/// A frame that fits under <see cref="TakeOutAt"/> is waited for where it is, and read without a copy, unless it lies in several pieces
/// and is wanted in one. A longer one is taken out of the pipe as it arrives, because its sender's window opens only for what is
/// consumed; memory for it is counted in the scope, and grows with what has arrived, never with what was promised.
/// </remarks>
/// <param name="input">Lent.</param>
/// <param name="framing">How frames are delimited.</param>
/// <param name="rules">What they must keep to.</param>
/// <param name="inOnePiece">Whether messages are wanted in one piece, up to <see cref="GatherUpTo"/>.</param>
/// <param name="scope">Where memory is counted; null: nowhere.</param>
internal sealed class FrameReader(
    PipeReader input, MessageFraming framing, FrameRules rules, bool inOnePiece = false, IResourceScope? scope = null) : IDisposable
{
    /// <summary>Bytes above which a frame leaves the pipe before it is whole. Far below any muxer's window.</summary>
    internal const int TakeOutAt = 16 * 1024;

    /// <summary>Bytes of the longest message that is put into one piece: beyond that a second copy costs more than it saves.</summary>
    internal const int GatherUpTo = 1024 * 1024;

    private readonly MessageMemory _memory = new(scope, rules.Subject);
    private MessageBytes? _taken; // what was taken out of the pipe of a long frame
    private FrameExtent? _extent; // of the frame that is arriving, once it is known
    private SequencePosition? _heldTo; // the end of the frame whose payload still lies in the pipe
    private long _kept; // counted for what was made of the last message, until the next read
    private bool _keepsTaken; // what was taken out stays counted after it was given back
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

    private int TakenLength => (int)(_taken?.Length ?? 0);

    /// <summary>Reads the next frame into <see cref="Payload"/>.</summary>
    /// <returns>False at the end of the stream.</returns>
    /// <exception cref="LimitExceededException">There is no memory for it; the stream is of no more use.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> ReadAsync(Exchange exchange, CancellationToken cancellationToken)
    {
        Release();
        ReturnKept();
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

    /// <summary>
    /// Counts what is about to be made of the message, until the next read: a handler may hold it for so long, and has as many of them as
    /// it serves streams.
    /// </summary>
    /// <exception cref="LimitExceededException">There is no memory for it.</exception>
    public void Keep()
    {
        if (_taken is { Length: > 0 })
        {
            _keepsTaken = true; // counted already: the count goes over to what is made of it
        }
        else
        {
            Keep(Payload.Length);
        }
    }

    /// <summary>Counts a message that was made of several frames, until the next read.</summary>
    /// <exception cref="LimitExceededException">There is no memory for it.</exception>
    public void Keep(long bytes)
    {
        if (bytes > MessageMemory.Free)
        {
            _memory.Take(bytes, "a message");
            _kept += bytes;
        }
    }

    /// <summary>Gives the last frame's bytes back. What has arrived of the next one stays.</summary>
    public void Release()
    {
        if (!_isHolding)
        {
            return;
        }

        long kept = _keepsTaken ? Payload.Length : 0;
        _keepsTaken = false;
        _isHolding = false;
        Payload = default;
        if (_heldTo is { } end)
        {
            _heldTo = null;
            input.AdvanceTo(end);
        }

        _taken?.Clear(kept);
        _kept += kept;
    }

    /// <summary>
    /// Takes out what was looked at of a frame that is not complete, for the pipe's next reader: the pipe itself would let it wait for
    /// more. Nothing is read here after that. What it holds stays counted until the stream ends.
    /// </summary>
    /// <returns>Null where nothing was.</returns>
    /// <exception cref="LimitExceededException">There is no memory for it.</exception>
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
                TakeOut(examined, isAll: false);
                input.AdvanceTo(examined.End);
            }
        }
        catch (Libp2pException e) when (e is not LimitExceededException)
        {
            // The stream has ended, which its next reader finds out after these bytes.
        }

        _memory.Take(TakenLength > MessageMemory.Free ? TakenLength : 0, "bytes that were read and put back");
        byte[] unread = (_taken?.Sequence ?? default).ToArray();
        Dispose();
        return unread;
    }

    /// <summary>Gives memory back; the pipe is the stream's.</summary>
    public void Dispose()
    {
        _taken?.Clear();
        ReturnKept();
    }

    /// <summary>Takes a frame, or the end of the stream, from what the pipe holds; gives the rest back to the pipe.</summary>
    private bool TryTake(in ReadResult result, out bool hasFrame)
    {
        ReadOnlySequence<byte> buffer = result.Buffer;
        IsInsideFrame = TakenLength > 0 || !buffer.IsEmpty;
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

        if (TakenLength + buffer.Length >= TakeOutAt)
        {
            TakeOut(buffer, isAll: false);
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
        if (_extent is null && framing.TryMeasure(buffer, TakenLength, isEnd, rules, out FrameExtent extent))
        {
            _extent = extent;
        }

        return _extent is not null;
    }

    private bool TryTakeFrame(in ReadOnlySequence<byte> buffer)
    {
        FrameExtent extent = _extent!.Value;
        long due = extent.Total - TakenLength;
        if (buffer.Length < due)
        {
            return false;
        }

        SequencePosition end = buffer.GetPosition(due);
        ReadOnlySequence<byte> frame = buffer.Slice(0, end);
        if (TakenLength > 0 || (inOnePiece && !frame.IsSingleSegment))
        {
            frame = TakeOutWhole(frame, extent.Total);
            input.AdvanceTo(end);
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

    private ReadOnlySequence<byte> TakeOutWhole(in ReadOnlySequence<byte> rest, long total)
    {
        bool isGathered = inOnePiece && total <= GatherUpTo;
        TakeOut(rest, isAll: isGathered && TakenLength == 0);
        if (isGathered)
        {
            _taken!.Gather();
        }

        return _taken!.Sequence;
    }

    private void TakeOut(in ReadOnlySequence<byte> bytes, bool isAll)
    {
        _taken ??= new MessageBytes(_memory);
        _taken.Append(bytes, (_extent?.Total ?? 0) - TakenLength, isAll);
    }

    private void ReturnKept()
    {
        _memory.Return(_kept);
        _kept = 0;
    }

    private void ThrowIfInsideFrame(in ReadOnlySequence<byte> buffer)
    {
        long arrived = TakenLength + buffer.Length;
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
