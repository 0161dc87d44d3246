using Chat;
using Libp2p;

const string Usage = """
    chat                                       two nodes in this process
    chat --listen [ADDRESS] [--name NAME]      keeps a room; ADDRESS is /ip4/0.0.0.0/tcp/4001 if it is not said
    chat --dial ADDRESS/p2p/PEER [--name NAME] visits one

    A line is said to the room; with ! before it a guest says it to the host alone. /quit ends it.
    """;

string? name = ValueOf("--name");
switch (args)
{
    case []:
        await Demo.RunAsync();
        return 0;
    case ["--listen", ..]:
        await ListenAsync(ValueOf("--listen") ?? "/ip4/0.0.0.0/tcp/4001", name ?? "host");
        return 0;
    case ["--dial", string address, ..]:
        return await DialAsync(address, name ?? Environment.UserName);
    default:
        Console.Error.WriteLine(Usage);
        return 2;
}

string? ValueOf(string option) =>
    Array.IndexOf(args, option) is >= 0 and int i && i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal) ? args[i + 1] : null;

static async Task ListenAsync(string address, string name)
{
    Room room = new(name, Console.WriteLine);
    await using Libp2pNode node = await Libp2pNode.StartAsync(o => o.Listen(address).Handle(IChat.Protocol, new ChatService(room)));
    foreach (Multiaddress reachable in node.Addresses)
    {
        Console.WriteLine($"listening on {reachable}");
    }

    await foreach (string line in Terminal.LinesAsync())
    {
        room.Say(line);
    }
}

static async Task<int> DialAsync(string address, string name)
{
    await using Libp2pNode node = await Libp2pNode.StartAsync(_ => { });
    try
    {
        IChat chat = await node.ConnectAsync(IChat.Protocol, address);
        Console.WriteLine($"you are {await Visit.IntroduceAsync(chat, name)}");
        await Visit.TalkAsync(chat, Terminal.LinesAsync(), Console.WriteLine);
        return 0;
    }
    catch (Exception e) when (e is Libp2pException or FormatException or ArgumentException)
    {
        Console.Error.WriteLine(e.Message);
        return 1;
    }
}
