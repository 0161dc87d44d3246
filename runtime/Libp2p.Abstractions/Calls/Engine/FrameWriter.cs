using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Libp2p.Codecs;
using Libp2p.Limits;

namespace Libp2p;

/// <summary>Puts frames into a pipe's buffer, whole and with the length they declare, or not at all as far as the remote can see.</summary>
/// <remarks>
/// A message above <see cref="LargeAbove"/> goes to the pipe in pieces, each flushed before the next, so that no more of it is queued than
/// the pipe allows. Bytes are taken from where they are; any other message is encoded first, and what that takes is counted.
/// </remarks>
/// <param name="output">Lent.</param>
/// <param name="framing">How frames are delimited.</param>
/// <param name="rules">What they must keep to.</param>
/// <param name="scope">Where memory is counted; null: nowhere.</param>
internal sealed class FrameWriter(PipeWriter output, MessageFraming framing, FrameRules rules, IResourceScope? scope = null) : IBufferWriter<byte>
{
    /// <summary>Bytes of a message that are written at once.</summary>
    internal const int LargeAbove = MessageBytes.MaxPiece;

    private Memory<byte> _lent;
    private int _remaining;
    private MessageBytes? _encoded;       // a large message, while it is sent
    private ReadOnlySequence<byte> _rest; // what of it is not yet in the pipe

    /// <summary>Whether a part of a message was written and not the rest: the stream is of no more use.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Whether <see cref="FlushAsync"/> has more to send than what lies in the pipe.</summary>
    public bool HasRest => !_rest.IsEmpty;

    /// <summary>Writes a message with what delimits it. Flushes nothing; of a large one <see cref="FlushAsync"/> sends the most.</summary>
    /// <param name="message">Lent until it is flushed.</param>
    /// <param name="codec">Its codec.</param>
    /// <returns>Bytes of the frame.</returns>
    /// <exception cref="LimitExceededException">The message is longer than allowed, or there is no memory for it; nothing was written.</exception>
    /// <exception cref="InvalidOperationException">The codec wrote another length than it declared; the stream is of no more use.</exception>
    public int Write<T>(T message, MessageCodec<T> codec)
    {
        int length = codec.GetSize(message);
        if (length > Math.Min(rules.MaxLength, framing.MaxLength))
        {
            throw new LimitExceededException(
                $"{rules.Subject}: a message of {length} bytes to send, where at most {Math.Min(rules.MaxLength, framing.MaxLength)} are allowed",
                ErrorCode.MessageTooLong);
        }

        if (length > LargeAbove)
        {
            return WriteLarge(message, codec, length);
        }

        int prefix = framing.WritePrefix(length, output);
        IsBroken = true;
        Encode(message, codec, length);
        IsBroken = false;
        return prefix + length + framing.WriteSuffix(output);
    }

    /// <summary>Hands what was written to the pipe's reader, and what is left of a large message.</summary>
    /// <returns>Whether the remote reads no more; then the rest was dropped.</returns>
    public ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken) =>
        HasRest ? FlushRestAsync(cancellationToken) : output.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public void Advance(int count)
    {
        if (count > _remaining)
        {
            ThrowWrongSize(this);
        }

        _remaining -= count;
        framing.CheckPayload(_lent.Span[..count], isLast: _remaining == 0);
        if (_encoded is not null)
        {
            _encoded.Advance(count);
        }
        else
        {
            output.Advance(count);
        }
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0) => _lent = _encoded?.GetMemory(sizeHint) ?? output.GetMemory(sizeHint);

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    private int WriteLarge<T>(T message, MessageCodec<T> codec, int length)
    {
        if (codec.TryGetBytes(message, out ReadOnlySequence<byte> bytes))
        {
            CheckPayload(bytes);
        }
        else
        {
            _encoded = new MessageBytes(new MessageMemory(scope, rules.Subject));
            try
            {
                Encode(message, codec, length);
            }
            catch
            {
                EndLarge(); // nothing of it is in the pipe
                throw;
            }

            bytes = _encoded.Sequence;
        }

        int prefix = framing.WritePrefix(length, output);
        _rest = bytes;
        IsBroken = true; // until all of it is in the pipe
        return prefix + length + framing.SuffixLength;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> FlushRestAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (ReadOnlyMemory<byte> memory in _rest)
            {
                for (ReadOnlyMemory<byte> left = memory; !left.IsEmpty;)
                {
                    ReadOnlyMemory<byte> piece = left[..Math.Min(left.Length, MessageBytes.MaxPiece)];
                    FlushResult flushed = await output.WriteAsync(piece, cancellationToken);
                    if (flushed.IsCompleted)
                    {
                        return flushed;
                    }

                    left = left[piece.Length..];
                }
            }

            framing.WriteSuffix(output);
            FlushResult last = await output.FlushAsync(cancellationToken);
            IsBroken = false;
            return last;
        }
        finally
        {
            EndLarge();
        }
    }

    private void EndLarge()
    {
        _rest = default;
        _encoded?.Clear();
        _encoded = null;
    }

    private void Encode<T>(T message, MessageCodec<T> codec, int length)
    {
        _remaining = length;
        codec.Write(message, this);
        if (_remaining != 0)
        {
            ThrowWrongSize(codec);
        }
    }

    private void CheckPayload(in ReadOnlySequence<byte> bytes)
    {
        long rest = bytes.Length;
        foreach (ReadOnlyMemory<byte> memory in bytes)
        {
            rest -= memory.Length;
            framing.CheckPayload(memory.Span, isLast: rest == 0);
        }
    }

    private void ThrowWrongSize(object codec) =>
        throw new InvalidOperationException($"{rules.Subject}: {codec.GetType().Name} wrote another number of bytes than it declared.");
}
