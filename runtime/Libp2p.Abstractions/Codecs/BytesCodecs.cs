using System.Buffers;

namespace Libp2p.Codecs;

/// <summary>Bytes in one piece. Received ones are lent.</summary>
internal sealed class MemoryCodec : MessageCodec<ReadOnlyMemory<byte>>
{
    public override bool KeepsSource => true;

    internal override bool WantsOnePiece => true;

    public override int GetSize(ReadOnlyMemory<byte> message) => message.Length;

    public override void Write(ReadOnlyMemory<byte> message, IBufferWriter<byte> destination) => destination.Write(message.Span);

    public override ReadOnlyMemory<byte> Read(ReadOnlySequence<byte> source, int maxElements) =>
        source.IsSingleSegment ? source.First : source.ToArray();

    internal override bool TryGetBytes(ReadOnlyMemory<byte> message, out ReadOnlySequence<byte> bytes)
    {
        bytes = new ReadOnlySequence<byte>(message);
        return true;
    }

    public override ReadOnlyMemory<byte> ToOwned(ReadOnlyMemory<byte> message) => message.ToArray();
}

/// <summary>Bytes as they arrived. Received ones are lent.</summary>
internal sealed class SequenceCodec : MessageCodec<ReadOnlySequence<byte>>
{
    public override bool KeepsSource => true;

    public override int GetSize(ReadOnlySequence<byte> message) => checked((int)message.Length);

    public override void Write(ReadOnlySequence<byte> message, IBufferWriter<byte> destination)
    {
        foreach (ReadOnlyMemory<byte> segment in message)
        {
            destination.Write(segment.Span);
        }
    }

    public override ReadOnlySequence<byte> Read(ReadOnlySequence<byte> source, int maxElements) => source;

    internal override bool TryGetBytes(ReadOnlySequence<byte> message, out ReadOnlySequence<byte> bytes)
    {
        bytes = message;
        return true;
    }

    public override ReadOnlySequence<byte> ToOwned(ReadOnlySequence<byte> message) => new(message.ToArray());
}
