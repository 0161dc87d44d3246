using System.Buffers;
using System.ComponentModel;
using Google.Protobuf;

namespace Libp2p.Codecs;

/// <summary>
/// A protobuf message. Elements are counted over the wire format before Google.Protobuf allocates: a limit on bytes does not bound
/// memory, since 1 MiB of empty submessages becomes half a million objects. What too few bytes are left for needs no counting.
/// </summary>
/// <typeparam name="T">The generated message.</typeparam>
/// <param name="parser">Its generated parser.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ProtobufCodec<T>(MessageParser<T> parser) : MessageCodec<T>
    where T : class, IMessage<T>, new()
{
    /// <summary>Messages within messages that are read, which is the bound of Google.Protobuf's parser.</summary>
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
        ProtobufCounter.Check(source, _shape.Value, maxElements);
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
