using System.Buffers;
using Libp2p.Codecs;

namespace Libp2p;

/// <summary>What began an exchange on an id that operations share: still bytes, of which the operation that they select makes its message.</summary>
/// <param name="Payload">The bytes, lent until the message is taken.</param>
/// <param name="Reader">Whom they are given back to.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Settings">The operation's, as the protocol's value binds it.</param>
/// <param name="Exchange">The clock, under the operation's bounds.</param>
internal readonly record struct FirstMessage(
    ReadOnlySequence<byte> Payload, MessageReader<ReadOnlySequence<byte>> Reader, P2PStream Stream, OperationSettings Settings, Exchange Exchange)
{
    /// <summary>What the handler is told.</summary>
    public CallContext Context => new(Stream, Exchange.Token);

    /// <summary>Decodes the message within the operation's bounds, as the handler's own.</summary>
    public TMessage Take<TMessage>(MessageCodec<TMessage> codec)
    {
        new FrameRules(Stream.Protocol.Value, Settings.Limits.MaxRequest).Check((ulong)Payload.Length);
        try
        {
            Reader.Keep();
            TMessage message = codec.Read(Payload, Settings.Limits.MaxElements);
            return codec.WantsOnePiece && !Payload.IsSingleSegment ? message : codec.ToOwned(message);
        }
        catch (ProtocolViolationException e)
        {
            throw new ProtocolViolationException($"{Stream.Protocol}: {e.Message}", e);
        }
        finally
        {
            Reader.Release();
        }
    }

    /// <summary>Sends to the initiator.</summary>
    public MessageWriter<TMessage> Writer<TMessage>(MessageCodec<TMessage> codec, MessageFraming framing) =>
        new(Stream, codec, framing, Settings.Limits.MaxResponse, Exchange);
}
