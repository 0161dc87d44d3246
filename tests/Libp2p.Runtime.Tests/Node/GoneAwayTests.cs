using Libp2p.Connections;
using Libp2p.Security;
using Libp2p.Simulation;
using Libp2p.Tests.Faults;
using Libp2p.Transports;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Host;

/// <summary>A remote that says that it takes no more streams, and leaves the link open.</summary>
public sealed class GoneAwayTests
{
    private static readonly byte[] s_openStream = Convert.FromHexString("000100010000000100000000");
    private static readonly byte[] s_goAway = Convert.FromHexString("000300000000000000000000");

    [Fact]
    public void Its_connection_is_no_longer_handed_out() => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        await using Libp2pNode node = await SimulatedNodesTests.StartAsync(run, "node", network, node => node.Listen("/memory/1"));
        RawPeer remote = await RawPeer.ReachAsync(run, network, Layer.Yamux);
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);
        IPeerConnection connection = Assert.Single(node.Connections);
        DialRequest request = new() { ExpectedPeer = ExpectedPeer.Exactly(connection.RemotePeer) };
        Assert.Same(connection, await node.ConnectAsync(request));

        await remote.SendAsync([.. s_openStream, .. s_goAway]); // the stream keeps the connection
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);

        Assert.Same(connection, Assert.Single(node.Connections));
        await Assert.ThrowsAsync<DialException>(() => node.ConnectAsync(request).AsTask()); // no address is known
        await remote.DisposeAsync();
    });
}
