using System.Runtime.CompilerServices;
using Libp2p;

namespace Chat;

/// <summary>The responder: an ordinary class that implements the interface, here for all guests of one room.</summary>
internal sealed class ChatService(Room room) : IChat
{
    private ulong _received;

    public ValueTask<Receipt> SendAsync(ChatMessage message, CallContext context = default)
    {
        room.Show($"{room.NameOf(context.RemotePeer)} to {room.Host} alone: {message.Text}");
        return ValueTask.FromResult(new Receipt { Number = Interlocked.Increment(ref _received) });
    }

    public async ValueTask IntroduceAsync(Dialogue<Introduction, Introduction> dialogue, CallContext context = default)
    {
        while (await dialogue.TryReceiveAsync(context.CancellationToken) is { HasMessage: true, Message: Introduction asked })
        {
            bool agreed = room.TryName(context.RemotePeer, asked.Name, out string name);
            await dialogue.SendAsync(new Introduction { Name = name, Taken = !agreed }, context.CancellationToken);
        }
    }

    public IAsyncEnumerable<ChatMessage> RoomAsync(IAsyncEnumerable<ChatMessage> said, CallContext context = default) =>
        RoomAsync(room.Join(context.RemotePeer), said, context.CancellationToken);

    private static async IAsyncEnumerable<ChatMessage> RoomAsync(
        Guest guest, IAsyncEnumerable<ChatMessage> said, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using CancellationTokenSource leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task speaking = guest.SayAsync(said, leaving.Token);
        try
        {
            await foreach (ChatMessage message in guest.Heard.WithCancellation(leaving.Token))
            {
                yield return message;
            }

            cancellationToken.ThrowIfCancellationRequested(); // the guest left the room, or the room is gone: that is not the same
        }
        finally
        {
            leaving.Cancel();
            await speaking;
        }
    }
}
