using Libp2p.Connections;

namespace Libp2p.Tests.Host;

/// <summary>Addresses that are written in an unusual way, and lead somewhere all the same.</summary>
public sealed class MappedAddressTests
{
    [Fact]
    public async Task An_ipv4_mapped_ipv6_address_is_listened_on_and_dialled_as_ipv4()
    {
        await using Libp2pNode bob = await Libp2pNode.StartAsync(node => node.Listen("/ip6/::ffff:127.0.0.1/tcp/0"));
        await using Libp2pNode alice = await Libp2pNode.StartAsync(_ => { });
        Assert.StartsWith("/ip4/127.0.0.1/tcp/", bob.Addresses[0].ToString(), StringComparison.Ordinal);
        string mapped = bob.Addresses[0].ToString().Replace("/ip4/", "/ip6/::ffff:", StringComparison.Ordinal);

        IPeerConnection connection = await alice.ConnectAsync(Multiaddress.Parse(mapped));

        Assert.Equal(bob.PeerId, connection.RemotePeer);
        Assert.Equal(bob.Addresses[0].WithoutPeer(), connection.RemoteAddress);
    }

    [Fact]
    public async Task A_peer_that_an_address_names_twice_is_dialled()
    {
        await using Libp2pNode bob = await Libp2pNode.StartAsync(node => node.Listen("/ip4/127.0.0.1/tcp/0"));
        await using Libp2pNode alice = await Libp2pNode.StartAsync(_ => { });

        IPeerConnection connection = await alice.ConnectAsync(Multiaddress.Parse($"{bob.Addresses[0]}/p2p/{bob.PeerId}"));

        Assert.Equal(bob.PeerId, connection.RemotePeer);
    }
}
