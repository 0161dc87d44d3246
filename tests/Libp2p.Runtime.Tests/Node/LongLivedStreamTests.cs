using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Host;

public sealed class LongLivedStreamTests
{
    [Fact]
    public async Task A_stream_is_opened_again_over_a_new_connection_and_greets_again()
    {
        Poured poured = new();
        await using Libp2pNode listener = await Libp2pNode.StartAsync(o => o.Listen("/ip4/127.0.0.1/tcp/0").Handle(IPour.Protocol, poured));
        await using Libp2pNode dialer = await Libp2pNode.StartAsync(_ => { });
        IPour client = await dialer.ConnectAsync(IPour.Protocol, listener.Addresses[0]);
        await using MessageWriter<string> writer = await client.OpenPourAsync(static agreed => [agreed.Value]);
        await writer.WriteAsync("a");
        await Eventually.HoldsAsync(() => poured.Told is ["/pour/1.0.0", "a"]);

        await listener.Connections[0].CloseAsync();
        await Eventually.HoldsAsync(() => poured.Told is ["/pour/1.0.0", "a", "/pour/1.0.0"]);
        await writer.WriteAsync("b");

        await Eventually.HoldsAsync(() => poured.Told is ["/pour/1.0.0", "a", "/pour/1.0.0", "b"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_ends_with_its_node_or_its_connection(bool isPinned)
    {
        Poured poured = new();
        NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(IPour.Protocol, poured));
        IPour client = isPinned ? nodes.Connection.Client(IPour.Protocol) : nodes.Dialer.Client(IPour.Protocol, nodes.Listener.PeerId);
        MessageWriter<string> writer = await client.OpenPourAsync(static _ => ["hello"]);
        await Eventually.HoldsAsync(() => poured.Told is ["hello"]);

        if (isPinned)
        {
            await nodes.Connection.CloseAsync();
        }

        await nodes.DisposeAsync();

        await Assert.ThrowsAsync<ConnectionClosedException>(async () => await writer.WriteAsync("late"));
        await writer.DisposeAsync();
        Assert.Equal(default, nodes.Dialer.GetState().Usage);
        Assert.Equal(default, nodes.Listener.GetState().Usage);
    }
}
