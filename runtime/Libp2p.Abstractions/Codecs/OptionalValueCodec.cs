using System.Buffers;

namespace Libp2p.Codecs;

/// <summary>A codec of a value type, for a place where there may be no message.</summary>
internal sealed class OptionalValueCodec<T>(MessageCodec<T> codec) : MessageCodec<T?>
    where T : struct
{
    public override bool KeepsSource => codec.KeepsSource;

    internal override bool WantsOnePiece => codec.WantsOnePiece;

    internal override bool TryGetBytes(T? message, out ReadOnlySequence<byte> bytes) => codec.TryGetBytes(message.GetValueOrDefault(), out bytes);

    public override int GetSize(T? message) => codec.GetSize(message.GetValueOrDefault());

    public override void Write(T? message, IBufferWriter<byte> destination) => codec.Write(message.GetValueOrDefault(), destination);

    public override T? Read(ReadOnlySequence<byte> source, int maxElements) => codec.Read(source, maxElements);

    public override T? ToOwned(T? message) => message is { } value ? codec.ToOwned(value) : null;
}
