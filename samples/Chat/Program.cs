using Chat;
using Libp2p;

// Two nodes on this machine: bob listens and serves, alice dials and calls.
await using Libp2pNode bob = await Libp2pNode.StartAsync(node => node
    .Listen("/ip4/127.0.0.1/tcp/0")
    .Handle(IChat.Protocol, new ChatService("bob")));
await using Libp2pNode alice = await Libp2pNode.StartAsync(_ => { });

Console.WriteLine($"bob listens on {bob.Addresses[0]}");
IChat chat = await alice.ConnectAsync(IChat.Protocol, bob.Addresses[0]);

// Unary: a message, a receipt.
foreach (string text in (string[])["hello", "how are you?"])
{
    Receipt receipt = await chat.SendAsync(new ChatMessage { From = "alice", Text = text });
    Console.WriteLine($"alice has receipt number {receipt.Number}");
}

// Duplex: both sides speak freely until both have ended.
await foreach (ChatMessage message in chat.RoomAsync(SayAsync()))
{
    Console.WriteLine($"alice heard from {message.From}: {message.Text}");
}

Console.WriteLine($"The connection: {alice.Connections[0].Security}, {alice.Connections[0].Muxer}, {alice.Connections[0].RemoteAddress}");

static async IAsyncEnumerable<ChatMessage> SayAsync()
{
    foreach (string text in (string[])["Is anybody here?", "I have to go."])
    {
        yield return new ChatMessage { From = "alice", Text = text };
        await Task.Delay(100);
    }
}
