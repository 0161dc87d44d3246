using System.Runtime.CompilerServices;
using Libp2p;

namespace Chat;

/// <summary>The responder: an ordinary class that implements the interface.</summary>
internal sealed class ChatService(string name) : IChat
{
    private ulong _received;

    public ValueTask<Receipt> SendAsync(ChatMessage message, CallContext context = default)
    {
        Console.WriteLine($"{name} got from {message.From}: {message.Text}");
        return ValueTask.FromResult(new Receipt { Number = Interlocked.Increment(ref _received) });
    }

    public IAsyncEnumerable<ChatMessage> RoomAsync(IAsyncEnumerable<ChatMessage> said, CallContext context = default) =>
        AnswerAsync(said, context.CancellationToken);

    private async IAsyncEnumerable<ChatMessage> AnswerAsync(
        IAsyncEnumerable<ChatMessage> said, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new ChatMessage { From = name, Text = "Welcome to the room." };
        await foreach (ChatMessage message in said.WithCancellation(cancellationToken))
        {
            yield return new ChatMessage { From = name, Text = $"{message.From} said \"{message.Text}\"" };
        }

        yield return new ChatMessage { From = name, Text = "Good-bye." };
    }
}
