using System.Buffers;
using Google.Protobuf;

namespace Libp2p.Codecs;

/// <summary>Members of a protobuf <c>oneof</c>, each in the message that holds it.</summary>
internal sealed class EnvelopeCodec<TEnvelope, TMember>(
    MessageCodec<TEnvelope> codec, Func<TMember, TEnvelope?> wrap, Func<TEnvelope, TMember?> unwrap) : MessageCodec<TMember>
    where TEnvelope : class, IMessage<TEnvelope>
    where TMember : class
{
    internal override bool WantsOnePiece => codec.WantsOnePiece;

    public override int GetSize(TMember message) => codec.GetSize(Wrap(message));

    public override void Write(TMember message, IBufferWriter<byte> destination) => codec.Write(Wrap(message), destination);

    public override TMember Read(ReadOnlySequence<byte> source, int maxElements) => unwrap(codec.Read(source, maxElements))
        ?? throw new ProtocolViolationException($"A {typeof(TEnvelope).Name} that holds no {typeof(TMember).Name}");

    private TEnvelope Wrap(TMember message) => wrap(message)
        ?? throw new ArgumentException($"{message.GetType().Name} is no member of {typeof(TEnvelope).Name}.", nameof(message));
}
