using System.Buffers;

namespace Libp2p.Codecs;

/// <summary>Turns messages into bytes and back. Stateless and thread-safe. Total on input: hostile bytes give the typed error and nothing else.</summary>
/// <typeparam name="T">The message's type.</typeparam>
public abstract class MessageCodec<T>
{
    /// <summary>The exact bytes of the message, prefix not included.</summary>
    public abstract int GetSize(T message);

    /// <summary>Writes exactly <see cref="GetSize"/> bytes.</summary>
    public abstract void Write(T message, IBufferWriter<byte> destination);

    /// <summary>Decodes one whole message.</summary>
    /// <param name="source">Lent: the message keeps none of it, unless its type is bytes, which are then lent in turn.</param>
    /// <param name="maxElements">Submessages and elements of repeated fields that it may have, counted before anything is allocated.</param>
    /// <exception cref="ProtocolViolationException">The bytes are no such message.</exception>
    public abstract T Read(ReadOnlySequence<byte> source, int maxElements);

    /// <summary>
    /// Whether a message that was read keeps the bytes it was read from, which are then lent until the next read. False unless
    /// the type is bytes.
    /// </summary>
    public virtual bool KeepsSource => false;

    /// <summary>Whether it reads bytes in one piece: a frame that arrived in several is gathered in pooled memory first.</summary>
    internal virtual bool WantsOnePiece => false;

    /// <summary>The message's own bytes, where its encoding is nothing but these: they need no copy to be sent.</summary>
    internal virtual bool TryGetBytes(T message, out ReadOnlySequence<byte> bytes)
    {
        bytes = default;
        return false;
    }

    /// <summary>The same message with bytes of its own. Called where a message outlives what it was read from.</summary>
    public virtual T ToOwned(T message) => message;
}
