using Libp2p;

namespace Chat;

/// <summary>A chat: the whole protocol, declared once. The generator writes all that stands between this and the wire.</summary>
[Protocol("/chat/1.0.0")]
public partial interface IChat
{
    /// <summary>Unary: delivers one message, and gives a receipt.</summary>
    [Id("send"), Limits(MaxMessage = 64 * Size.KiB, ExchangeSeconds = 10, InboundPerPeer = 8)]
    ValueTask<Receipt> SendAsync(ChatMessage message, CallContext context = default);

    /// <summary>A dialogue: the two agree on the name that the guest will have in the room, in as many turns as it takes.</summary>
    [Id("introduce"), Limits(MaxMessage = 1 * Size.KiB, ExchangeSeconds = 60, InboundPerPeer = 4)]
    ValueTask IntroduceAsync(Dialogue<Introduction, Introduction> dialogue, CallContext context = default);

    /// <summary>Duplex: joins the room. What one says goes in, what the others say comes out, until one or the other has enough.</summary>
    [Id("room"), Limits(MaxMessage = 64 * Size.KiB, ExchangeSeconds = Seconds.Unbounded, IdleSeconds = Seconds.Unbounded, InboundPerPeer = 2)]
    IAsyncEnumerable<ChatMessage> RoomAsync(IAsyncEnumerable<ChatMessage> said, CallContext context = default);
}
