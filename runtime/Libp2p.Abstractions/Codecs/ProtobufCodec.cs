using System.Buffers;
using Google.Protobuf;

namespace Libp2p.Codecs;

/// <summary>
/// A protobuf message. Elements and depth are counted over the wire format before Google.Protobuf allocates: a limit on bytes
/// does not bound memory, since 1 MiB of empty submessages becomes half a million objects. A message of fewer bytes than it may have
/// elements, of a type that cannot nest deeply, needs no counting.
/// </summary>
/// <typeparam name="T">The generated message.</typeparam>
/// <param name="parser">Its generated parser.</param>
public sealed class ProtobufCodec<T>(MessageParser<T> parser) : MessageCodec<T>
    where T : class, IMessage<T>, new()
{
    /// <summary>Messages within messages that are followed.</summary>
    public const int MaxDepth = ProtobufCounter.MaxDepth;

    private readonly Lazy<ProtobufShape> _shape = new(() => ProtobufShape.Of(((IMessage)new T()).Descriptor));

    internal override bool WantsOnePiece => true;

    /// <inheritdoc/>
    public override int GetSize(T message) => message.CalculateSize();

    /// <inheritdoc/>
    public override void Write(T message, IBufferWriter<byte> destination) => message.WriteTo(destination);

    /// <inheritdoc/>
    public override T Read(ReadOnlySequence<byte> source, int maxElements)
    {
        if (source.Length > maxElements || !_shape.Value.IsShallow) // an element takes a byte at the least
        {
            ProtobufCounter.Check(source, _shape.Value, maxElements, MaxDepth);
        }

        try
        {
            return parser.ParseFrom(source);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ProtocolViolationException($"A message that is no {typeof(T).Name}", e);
        }
    }
}
