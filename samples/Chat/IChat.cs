using Libp2p;

namespace Chat;

/// <summary>A chat: the whole protocol, declared once. The generator writes all that stands between this and the wire.</summary>
[Protocol("/chat/1.0.0")]
public partial interface IChat
{
    /// <summary>Delivers one message.</summary>
    [Id("send"), Limits(MaxMessage = 64 * Size.KiB, ExchangeSeconds = 10, InboundPerPeer = 8)]
    ValueTask<Receipt> SendAsync(ChatMessage message, CallContext context = default);

    /// <summary>Joins a room: what one says goes in, what is said there comes out.</summary>
    [Id("room"), Limits(MaxMessage = 64 * Size.KiB, IdleSeconds = 300, InboundPerPeer = 2)]
    IAsyncEnumerable<ChatMessage> RoomAsync(IAsyncEnumerable<ChatMessage> said, CallContext context = default);
}
