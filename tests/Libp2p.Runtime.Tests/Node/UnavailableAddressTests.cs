using Libp2p.Connections;
using Libp2p.Node.State;
using Libp2p.Simulation;
using Libp2p.Transports;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Host;

/// <summary>Addresses that a node is to listen on and the machine lacks, as it lacks those of IPv6 where that is switched off.</summary>
public sealed class UnavailableAddressTests
{
    [Fact]
    public void One_of_several_is_skipped_and_shown_in_the_state() => SimulationRun.Replay(1, async run =>
    {
        await using Libp2pNode node = await StartAsync(run, "/ip6/::/tcp/1", "/memory/1", "/memory/2");

        Assert.Equal(["/memory/1", "/memory/2"], node.GetState().Listening.Select(address => address.ToString()));
        Assert.Equal(
            new UnavailableAddressState(Multiaddress.Parse("/ip6/::/tcp/1"), "The machine has no IPv6"), Assert.Single(node.GetState().Unavailable));
    });

    [Theory]
    [InlineData("the machine has none", "/ip6/::/tcp/1", "/ip6/::1/tcp/1")]
    [InlineData("a port is in use", "/ip4/192.0.2.1/tcp/1", "/memory/1")]
    [InlineData("a port is in use behind one that the machine lacks", "/ip6/::/tcp/1", "/memory/1", "/ip4/192.0.2.1/tcp/1")]
    public void A_start_fails_where(string reason, params string[] addresses) => SimulationRun.Replay(1, async run =>
    {
        IOException failure = await Assert.ThrowsAsync<IOException>(() => StartAsync(run, addresses));

        Assert.Contains(reason == "the machine has none" ? "The machine has no IPv6" : "in use", failure.Message, StringComparison.Ordinal);
    });

    private static Task<Libp2pNode> StartAsync(SimulationRun run, params string[] addresses) => SimulatedNodesTests.StartAsync(
        run, "alice", new MemoryNetwork(), node =>
        {
            node.Transport(_ => new Lacking());
            Array.ForEach(addresses, address => node.Listen(address));
        });

    /// <summary>A transport of a machine without IPv6, on which another program has the ports of IPv4.</summary>
    private sealed class Lacking : ILinkTransport
    {
        public string Name => "lacking";

        public bool CanDial(Multiaddress address) => false;

        public bool CanListen(Multiaddress address) => address[0].Code is MultiaddressCode.Ip4 or MultiaddressCode.Ip6;

        public ValueTask<IByteLink> DialAsync(TransportDial dial, CancellationToken cancellationToken) => throw new NotSupportedException("It dials nothing.");

        public ValueTask<ITransportListener<IByteLink>> ListenAsync(Multiaddress address, CancellationToken cancellationToken) =>
            throw (address[0].Code == MultiaddressCode.Ip6 ? new AddressUnavailableException("The machine has no IPv6") : new IOException("The port is in use"));
    }
}
