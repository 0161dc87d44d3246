using System.Net;
using System.Net.Sockets;
using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Security;
using Libp2p.TestKit;
using Libp2p.TestKit.Scheduling;
using Libp2p.Transports;

namespace Libp2p.Tests.Host;

/// <summary>What a node refuses: by its ceilings, and because a gater says so.</summary>
public sealed class CeilingTests
{
    private static readonly ResourceLimits s_defaults = new();

    [Fact]
    public async Task Handshakes_beyond_the_ceiling_are_refused_while_those_that_go_on_are_not_disturbed()
    {
        await using Libp2pNode listener = await ListenAsync(s_defaults with { PendingInbound = 1 });
        Assert.True(listener.Addresses[0].TryGetIPEndPoint(out IPEndPoint? endPoint));
        using TcpClient silent = new(), late = new();
        await silent.ConnectAsync(endPoint);
        await Eventually.HoldsAsync(() => listener.GetState().Usage.InboundConnections == 1);

        await late.ConnectAsync(endPoint);

        Assert.Equal(0, await late.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(NodePair.Patience)); // not a word
        Assert.Equal(1, listener.GetState().Usage.InboundConnections);
    }

    [Fact]
    public async Task Streams_beyond_the_ceiling_of_the_node_are_refused_and_counted_back()
    {
        await using NodePair nodes = await NodePair.ConnectAsync(
            node => node.Handle(BytesHandler.Echo), node => node.Options(new NodeOptions { Limits = s_defaults with { Streams = 2 } }));
        P2PStream first = await nodes.OpenAsync("/bytes/echo");
        await using P2PStream second = await nodes.OpenAsync("/bytes/echo");

        LimitExceededException full = await Assert.ThrowsAsync<LimitExceededException>(() => nodes.OpenAsync("/bytes/echo").AsTask());
        await first.DisposeAsync();
        await using P2PStream third = await nodes.OpenAsync("/bytes/echo");

        Assert.Contains("2 streams", full.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inbound_streams_beyond_the_ceiling_of_a_connection_are_reset()
    {
        ResourceLimits small = s_defaults with { InboundStreamsPerConnection = 1 };
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(BytesHandler.Echo).Options(new NodeOptions { Limits = small }));
        await using P2PStream first = await nodes.OpenAsync("/bytes/echo");

        await Assert.ThrowsAnyAsync<Libp2pException>(async () =>
        {
            await using P2PStream second = await nodes.OpenAsync("/bytes/echo");
            await second.Input.ReadToEndAsync().WaitAsync(NodePair.Patience);
        });
    }

    [Fact]
    public async Task Connections_of_one_peer_beyond_its_ceiling_are_refused()
    {
        await using Libp2pNode listener = await ListenAsync(s_defaults with { ConnectionsPerPeer = 1 });
        await using Libp2pNode dialer = await Libp2pNode.StartAsync(_ => { });
        await NodePair.ConnectAsync(listener, dialer); // the listener might take the second one first
        DialRequest another = new() { ExpectedPeer = ExpectedPeer.Exactly(listener.PeerId), Addresses = listener.Addresses, ForceNew = true };

        try
        {
            IPeerConnection second = await dialer.ConnectAsync(another); // its handshake is over before the listener's
            await second.Completion.WaitAsync(NodePair.Patience);
        }
        catch (DialException)
        {
            // The listener was quicker.
        }

        await Eventually.HoldsAsync(() => listener.GetState().Usage.InboundConnections == 1);
        Assert.Single(listener.Connections);
    }

    [Fact]
    public async Task Memory_beyond_the_ceiling_costs_the_stream_that_wanted_it_and_not_the_node()
    {
        ResourceLimits none = s_defaults with { Memory = 0 };
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(BytesHandler.Echo).Options(new NodeOptions { Limits = none }));

        await Assert.ThrowsAnyAsync<Libp2pException>(async () =>
        {
            await using P2PStream stream = await nodes.OpenAsync("/bytes/echo");
            await stream.Output.WriteAsync(new byte[1000]);
            await stream.Input.ReadToEndAsync().WaitAsync(NodePair.Patience);
        });
        Assert.Equal(0, nodes.Listener.GetState().Usage.Memory);
    }

    [Theory]
    [InlineData(Step.Secured, false, DialStage.Security)]
    [InlineData(Step.Upgraded, false, DialStage.Admission)]
    [InlineData(Step.Secured, true, DialStage.Security)]
    [InlineData(Step.Upgraded, true, DialStage.Admission)]
    public async Task A_gater_is_asked_at_each_step_and_names_the_peer_it_refused(Step step, bool dials, DialStage reached)
    {
        Refusing gater = new(step);
        await using Libp2pNode listener = await Libp2pNode.StartAsync(node => (dials ? node : node.Gater(gater)).Listen("/ip4/127.0.0.1/tcp/0"));
        await using Libp2pNode dialer = await Libp2pNode.StartAsync(node => _ = dials ? node.Gater(gater) : node);

        try
        {
            IPeerConnection connection = await dialer.ConnectAsync(listener.Addresses[0]);
            Assert.False(dials);
            await connection.Completion.WaitAsync(NodePair.Patience);
        }
        catch (DialException failed)
        {
            if (dials)
            {
                Assert.Equal(reached, Assert.Single(failed.Attempts).Reached);
                Assert.Contains($"refused {listener.PeerId}", failed.Message, StringComparison.Ordinal);
            }
        }

        Assert.Equal(dials ? listener.PeerId : dialer.PeerId, await gater.Asked.Task.WaitAsync(NodePair.Patience));
        await Eventually.HoldsAsync(() => listener.GetState().Usage == default && dialer.GetState().Usage == default);
    }

    [Fact]
    public void The_default_ceilings_are_finite_and_fit_a_small_process()
    {
        Assert.InRange(s_defaults.Connections, 16, 1024);
        Assert.InRange(s_defaults.PendingInbound, 1, 128);
        Assert.InRange(s_defaults.ConnectionsPerPeer, 1, 8);
        Assert.InRange(s_defaults.Streams, 1, 16 * 1024);
        Assert.InRange(s_defaults.InboundStreamsPerConnection, 1, 1024);
        Assert.InRange(s_defaults.NegotiatingPerConnection, 1, 128);
        Assert.InRange(s_defaults.Memory, 1, 256L * Size.MiB);
        Assert.InRange(s_defaults.MemoryPerConnection, 1, s_defaults.Memory / 4); // one remote cannot take it all
    }

    [Fact]
    public void A_manager_gives_no_more_than_its_ceilings_and_takes_all_of_it_back()
    {
        ResourceManager manager = new(s_defaults);
        Multiaddress address = Multiaddress.Parse("/ip4/1.2.3.4/tcp/1");
        List<IConnectionLease> leases = [];
        while (manager.TryOpenConnection(Direction.Outbound, address, out IConnectionLease? lease, out _))
        {
            leases.Add(lease);
        }

        Assert.Equal(s_defaults.Connections, leases.Count);
        List<IStreamLease> streams = [];
        while (leases[0].TryOpenStream(Direction.Outbound, out IStreamLease? stream, out _))
        {
            streams.Add(stream);
        }

        Assert.Equal(s_defaults.Streams, streams.Count);
        Assert.True(leases[0].TryReserveMemory(s_defaults.MemoryPerConnection));
        Assert.False(leases[0].TryReserveMemory(1));
        Assert.False(manager.System.TryReserveMemory(s_defaults.Memory));
        streams.ForEach(stream => stream.Dispose());
        leases.ForEach(lease => lease.Dispose());
        Assert.Equal(default, manager.Usage);
    }

    private static Task<Libp2pNode> ListenAsync(ResourceLimits limits) =>
        Libp2pNode.StartAsync(node => node.Listen("/ip4/127.0.0.1/tcp/0").Options(new NodeOptions { Limits = limits }));

    public enum Step
    {
        Secured,
        Upgraded,
    }

    private sealed class Refusing(Step step) : IConnectionGater
    {
        public TaskCompletionSource<PeerId> Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool AllowSecured(Direction direction, PeerId peer, Multiaddress remoteAddress) => step != Step.Secured || !Asked.TrySetResult(peer);

        public bool AllowUpgraded(Direction direction, UpgradedConnection connection) =>
            step != Step.Upgraded || !Asked.TrySetResult(connection.Security.RemotePeer);
    }
}
