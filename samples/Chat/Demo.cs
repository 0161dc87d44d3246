using Libp2p;

namespace Chat;

/// <summary>Two nodes in this process: bob keeps a room, alice visits it.</summary>
internal static class Demo
{
    public static async Task RunAsync()
    {
        Room room = null!;
        room = new Room("bob", line =>
        {
            Console.WriteLine($"  bob sees    {line}");
            if (line == "alice: Is anybody here?")
            {
                room.Say("I am.");
            }
        });
        await using Libp2pNode bob = await Libp2pNode.StartAsync(node => node
            .Listen("/ip4/127.0.0.1/tcp/0")
            .Handle(IChat.Protocol, new ChatService(room)));
        await using Libp2pNode alice = await Libp2pNode.StartAsync(_ => { });

        Console.WriteLine($"bob listens on {bob.Addresses[0]}");
        IChat chat = await alice.ConnectAsync(IChat.Protocol, bob.Addresses[0]);
        Console.WriteLine($"alice is connected: {alice.Connections[0].Security}, {alice.Connections[0].Muxer}");

        Console.WriteLine("A dialogue: alice asks for the name bob, which is taken.");
        string proposed = await ProposalAsync(chat);
        Console.WriteLine($"  alice sees  bob proposes {proposed}");
        Console.WriteLine($"  alice sees  she is {await Visit.IntroduceAsync(chat, "alice")}");

        Console.WriteLine("A unary call: a message, a receipt.");
        Receipt receipt = await chat.SendAsync(new ChatMessage { Text = "hello" });
        Console.WriteLine($"  alice sees  receipt number {receipt.Number}");

        Console.WriteLine("A duplex call: both speak until alice has enough.");
        TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await Visit.TalkAsync(chat, SayAsync(answered.Task), line =>
        {
            Console.WriteLine($"  alice sees  {line}");
            if (line == "bob: I am.")
            {
                answered.TrySetResult();
            }
        });
        Console.WriteLine("Done. Two terminals can do the same: samples/Chat/README.md.");
    }

    private static async Task<string> ProposalAsync(IChat chat)
    {
        await using Dialogue<Introduction, Introduction> dialogue = await chat.OpenIntroduceAsync();
        await dialogue.SendAsync(new Introduction { Name = "bob" });
        return (await dialogue.ReceiveAsync()).Name;
    }

    private static async IAsyncEnumerable<string> SayAsync(Task answered)
    {
        yield return "Is anybody here?";
        await answered;
        yield return "I have to go.";
    }
}
