using System.Buffers;
using System.IO.Pipelines;
using Libp2p.Codecs;

namespace Libp2p;

/// <summary>Puts frames into a pipe's buffer, whole and with the length they declare, or not at all as far as the remote can see.</summary>
internal sealed class FrameWriter(PipeWriter output, MessageFraming framing, FrameRules rules) : IBufferWriter<byte>
{
    private Memory<byte> _lent;
    private int _remaining;

    /// <summary>Whether a part of a message was written and not the rest: the stream is of no more use.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Writes a message with what delimits it. Flushes nothing.</summary>
    /// <returns>Bytes of the frame.</returns>
    /// <exception cref="LimitExceededException">The message is longer than allowed; nothing was written.</exception>
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

        int prefix = framing.WritePrefix(length, output);
        IsBroken = true;
        _remaining = length;
        codec.Write(message, this);
        if (_remaining != 0)
        {
            ThrowWrongSize(codec);
        }

        IsBroken = false;
        return prefix + length + framing.WriteSuffix(output);
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        if (count > _remaining)
        {
            ThrowWrongSize(this);
        }

        _remaining -= count;
        framing.CheckPayload(_lent.Span[..count], isLast: _remaining == 0);
        output.Advance(count);
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0) => _lent = output.GetMemory(sizeHint);

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    private void ThrowWrongSize(object codec) =>
        throw new InvalidOperationException($"{rules.Subject}: {codec.GetType().Name} wrote another number of bytes than it declared.");
}
