using Libp2p.Security;
using Libp2p.Transports;

namespace Libp2p.Tests.Host;

/// <summary>A node that was disposed of says so at each door, and goes on telling what is left of it.</summary>
public sealed class DisposedNodeTests
{
    private static readonly Multiaddress s_address = Multiaddress.Parse("/ip4/127.0.0.1/tcp/1/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN");

    private static readonly Dictionary<string, Func<Libp2pNode, IErrand, Task>> s_doors = new()
    {
        ["connect"] = static async (node, _) => await node.ConnectAsync(s_address),
        ["connect by a request"] = static async (node, _) => await node.ConnectAsync(new DialRequest { ExpectedPeer = ExpectedPeer.Anyone, Addresses = [s_address] }),
        ["connect for a client"] = static async (node, _) => await node.ConnectAsync(IErrand.Protocol, s_address),
        ["client"] = static (node, _) => Task.FromResult(node.Client(IErrand.Protocol, s_address.Peer!)),
        ["keep connected"] = static (node, _) => Task.FromResult(node.KeepConnected(s_address.Peer!)),
        ["handle"] = static (node, _) => Task.FromResult(node.Handle(IErrand.Protocol, new Errand())),
        ["add a handler"] = static (node, _) => Task.FromResult(node.Handlers.Add([BytesHandler.Echo])),
        ["listen"] = static async (node, _) => await node.ListenAsync(Multiaddress.Parse("/ip4/127.0.0.1/tcp/0")),
        ["listen on several"] = static async (node, _) => await node.ListenAsync([Multiaddress.Parse("/ip4/127.0.0.1/tcp/0")]),
        ["subscribe"] = static (node, _) => Task.FromResult(node.Events.Subscribe<NodeEvent>()),
        ["know addresses"] = static async (node, _) => await node.Peers.AddAddressesAsync(
            s_address.Peer!, [s_address.WithoutPeer()], AddressSource.Configured, TimeSpan.FromHours(1), default),
        ["a client that was made before"] = static (_, client) => client.RunAsync("too late").AsTask(),
    };

    public static TheoryData<string> Doors => [.. s_doors.Keys];

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task It_says_so_and_names_itself(string door)
    {
        Libp2pNode node = await Libp2pNode.StartAsync(_ => { });
        IErrand client = node.Client(IErrand.Protocol, s_address.Peer!);
        await node.DisposeAsync();

        ObjectDisposedException disposed = await Assert.ThrowsAsync<ObjectDisposedException>(() => s_doors[door](node, client));

        Assert.Equal(nameof(Libp2pNode), disposed.ObjectName);
    }

    [Fact]
    public async Task What_is_left_can_still_be_read()
    {
        Libp2pNode node = await Libp2pNode.StartAsync(node => node.Listen("/ip4/127.0.0.1/tcp/0"));
        await node.DisposeAsync();

        Assert.Equal(node.PeerId, node.GetState().Self);
        Assert.Empty(node.Addresses);
        Assert.Empty(node.Connections);
        await node.DisposeAsync();
        await node.StopAsync();
    }
}
