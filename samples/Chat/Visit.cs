using System.Runtime.CompilerServices;
using Libp2p;

namespace Chat;

/// <summary>The initiator: what a guest does, with the client of <see cref="IChat"/>.</summary>
internal static class Visit
{
    /// <summary>Agrees on a name with the host: each refusal proposes another.</summary>
    public static async Task<string> IntroduceAsync(IChat chat, string name, CancellationToken cancellationToken = default)
    {
        await using Dialogue<Introduction, Introduction> dialogue = await chat.OpenIntroduceAsync(cancellationToken);
        while (true)
        {
            await dialogue.SendAsync(new Introduction { Name = name }, cancellationToken);
            Introduction answer = await dialogue.ReceiveAsync(cancellationToken);
            name = answer.Name;
            if (!answer.Taken)
            {
                return name;
            }
        }
    }

    /// <summary>Is in the room until there are no more lines. A line that begins with an exclamation mark goes to the host alone.</summary>
    public static async Task TalkAsync(IChat chat, IAsyncEnumerable<string> lines, Action<string> show, CancellationToken cancellationToken = default)
    {
        await foreach (ChatMessage message in chat.RoomAsync(SayAsync(chat, lines, show, cancellationToken), cancellationToken))
        {
            show($"{message.From}: {message.Text}");
        }
    }

    /// <summary>What goes into the room. The token is the call's: it is cancelled when the room has ended, although nobody types.</summary>
    private static async IAsyncEnumerable<ChatMessage> SayAsync(
        IChat chat, IAsyncEnumerable<string> lines, Action<string> show, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (string line in lines.WithCancellation(cancellationToken))
        {
            if (line.StartsWith('!'))
            {
                Receipt receipt = await chat.SendAsync(new ChatMessage { Text = line[1..].Trim() }, cancellationToken);
                show($"(delivered, receipt number {receipt.Number})");
            }
            else
            {
                yield return new ChatMessage { Text = line };
            }
        }
    }
}
