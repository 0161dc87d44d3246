using System.Buffers;
using System.ComponentModel;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Google.Protobuf;

namespace Libp2p.Codecs;

/// <summary>The codecs that come with the library. Generated code picks one by the message's type.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Codec
{
    /// <summary>The bytes as they are. What is received is lent.</summary>
    public static MessageCodec<ReadOnlyMemory<byte>> Memory { get; } = new MemoryCodec();

    /// <summary>The bytes as they are. What is received is lent.</summary>
    public static MessageCodec<ReadOnlySequence<byte>> Sequence { get; } = new SequenceCodec();

    /// <summary>Text in UTF-8; malformed text is a violation.</summary>
    public static MessageCodec<string> Text { get; } = new TextCodec();

    /// <summary>A protobuf message, by its generated parser.</summary>
    public static MessageCodec<T> Protobuf<T>(MessageParser<T> parser)
        where T : class, IMessage<T>, new() => new ProtobufCodec<T>(parser);

    /// <summary>Members of a protobuf <c>oneof</c>, each sent and received in the message that holds it.</summary>
    /// <param name="parser">The envelope's generated parser.</param>
    /// <param name="wrap">Puts a member into an envelope; null where it is none of its members.</param>
    /// <param name="unwrap">Takes it out; null where the envelope holds another one.</param>
    public static MessageCodec<TMember> Envelope<TEnvelope, TMember>(
        MessageParser<TEnvelope> parser, Func<TMember, TEnvelope?> wrap, Func<TEnvelope, TMember?> unwrap)
        where TEnvelope : class, IMessage<TEnvelope>, new()
        where TMember : class => new EnvelopeCodec<TEnvelope, TMember>(Protobuf(parser), wrap, unwrap);

    /// <summary>JSON, by System.Text.Json's source generation.</summary>
    /// <exception cref="ArgumentException">The context does not know the type.</exception>
    public static MessageCodec<T> Json<T>(JsonSerializerContext context)
        where T : notnull => new JsonCodec<T>(context.GetTypeInfo(typeof(T)) as JsonTypeInfo<T> ?? throw new ArgumentException(
            $"{context.GetType().Name} does not know {typeof(T).Name}: add [JsonSerializable(typeof({typeof(T).Name}))] to it.", nameof(context)));

    /// <summary>The same codec, where there may be no message: a null is never given to it.</summary>
    public static MessageCodec<T?> Optional<T>(MessageCodec<T> codec)
        where T : class => codec!;

    /// <summary>The same codec, where there may be no message: a null is never given to it.</summary>
    public static MessageCodec<T?> OptionalValue<T>(MessageCodec<T> codec)
        where T : struct => new OptionalValueCodec<T>(codec);
}
