using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json.Serialization;
using Libp2p.Codecs;
using Libp2p.Protocols.Identify;

namespace Libp2p.Tests.Requirements;

/// <summary>A message in each way that messages are encoded.</summary>
[Protocol("/codecs/1.0.0"), Json<ReadingContext>]
[Limits(MaxMessage = 100, ExchangeSeconds = 10)]
internal partial interface ICodecs
{
    [Id("protobuf")]
    ValueTask<IdentifyMessage> ProtobufAsync(IdentifyMessage message, CallContext context = default);

    [Id("json")]
    ValueTask<Reading> JsonAsync(Reading message, CallContext context = default);

    [Id("text")]
    ValueTask<string> TextAsync(string message, CallContext context = default);

    [Id("bytes")]
    ValueTask<ReadOnlySequence<byte>> BytesAsync(ReadOnlySequence<byte> message, CallContext context = default);

    [Id("own"), Codec<TickCodec>]
    ValueTask<Tick> OwnAsync(Tick message, CallContext context = default);
}

internal sealed record Reading(int Degrees);

[JsonSerializable(typeof(Reading))]
internal sealed partial class ReadingContext : JsonSerializerContext;

internal readonly record struct Tick(ushort Count);

/// <summary>Two bytes, the highest first.</summary>
internal sealed class TickCodec : MessageCodec<Tick>
{
    public override int GetSize(Tick message) => sizeof(ushort);

    public override void Write(Tick message, IBufferWriter<byte> destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination.GetSpan(sizeof(ushort)), message.Count);
        destination.Advance(sizeof(ushort));
    }

    public override Tick Read(ReadOnlySequence<byte> source, int maxElements)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        if (source.Length != bytes.Length)
        {
            throw new ProtocolViolationException($"A tick of {source.Length} bytes");
        }

        source.CopyTo(bytes);
        return new Tick(BinaryPrimitives.ReadUInt16BigEndian(bytes));
    }
}

/// <summary>Says what it hears.</summary>
internal sealed class EchoedCodecs : ICodecs
{
    public ValueTask<IdentifyMessage> ProtobufAsync(IdentifyMessage message, CallContext context = default) => new(message);

    public ValueTask<Reading> JsonAsync(Reading message, CallContext context = default) => new(message);

    public ValueTask<string> TextAsync(string message, CallContext context = default) => new(message);

    public ValueTask<ReadOnlySequence<byte>> BytesAsync(ReadOnlySequence<byte> message, CallContext context = default) => new(message);

    public ValueTask<Tick> OwnAsync(Tick message, CallContext context = default) => new(message);
}
