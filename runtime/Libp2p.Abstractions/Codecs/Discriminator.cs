using System.Buffers;
using System.ComponentModel;
using Google.Protobuf;

namespace Libp2p.Codecs;

/// <summary>The property of a protobuf message that tells which message it is. Generated code makes it. Immutable and thread-safe.</summary>
/// <typeparam name="T">The generated message.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class Discriminator<T>
    where T : class, IMessage<T>
{
    /// <summary>The property's name.</summary>
    public required string Name { get; init; }

    /// <summary>Reads it; null where the message has none.</summary>
    public required Func<T, int?> Get { get; init; }

    /// <summary>Sets it.</summary>
    public required Action<T, int> Set { get; init; }

    /// <summary>The codec of messages with this value: set on what is sent, and checked on what is received, where absent counts as 0.</summary>
    public MessageCodec<T> On(MessageCodec<T> codec, int value) => new DiscriminatedCodec<T>(this, codec, value);

    /// <summary>The codec of messages with any value: none is sent without one.</summary>
    public MessageCodec<T> Required(MessageCodec<T> codec) => new DiscriminatedCodec<T>(this, codec, null);
}

/// <summary>A codec of messages that carry a discriminator: one value, or with null any.</summary>
internal sealed class DiscriminatedCodec<T>(Discriminator<T> discriminator, MessageCodec<T> codec, int? value) : MessageCodec<T>
    where T : class, IMessage<T>
{
    public override int GetSize(T message)
    {
        int? has = discriminator.Get(message);
        if (value is { } due && has != due)
        {
            discriminator.Set(message, due);
        }
        else if (value is null && has is null)
        {
            throw new ArgumentException($"A {typeof(T).Name} is sent with its {discriminator.Name}, which is not set.", nameof(message));
        }

        return codec.GetSize(message);
    }

    public override void Write(T message, IBufferWriter<byte> destination) => codec.Write(message, destination);

    public override T Read(ReadOnlySequence<byte> source, int maxElements)
    {
        T message = codec.Read(source, maxElements);
        int has = discriminator.Get(message) ?? 0;
        return value is null || has == value
            ? message
            : throw new ProtocolViolationException($"A {typeof(T).Name} whose {discriminator.Name} is {has}, where {value} was due");
    }
}
