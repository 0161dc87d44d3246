using System.Security.Cryptography;
using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.TestKit;
using Libp2p.TestKit.Scheduling;
using Libp2p.TestKit.Telemetry;

namespace Libp2p.Tests.Host;

public sealed class NodeTests
{
    [Theory]
    [InlineData("/ip4/127.0.0.1/tcp/0")]
    [InlineData("/ip6/::1/tcp/0")]
    public async Task Two_nodes_exchange_bytes(string address)
    {
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(BytesHandler.Echo), address: address);
        byte[] sent = RandomNumberGenerator.GetBytes(300_000);

        await using P2PStream stream = await nodes.OpenAsync("/bytes/echo");
        Task<byte[]> receiving = stream.Input.ReadToEndAsync();
        await stream.Output.WriteAsync(sent);
        await stream.CloseWriteAsync();

        Assert.Equal(sent, await receiving.WaitAsync(NodePair.Patience));
        Assert.Equal(nodes.Listener.PeerId, stream.RemotePeer);
        Assert.Equal("/noise", nodes.Connection.Security?.Value);
        Assert.Equal("/yamux/1.0.0", nodes.Connection.Muxer?.Value);
    }

    [Fact]
    public async Task A_wildcard_address_is_announced_as_those_of_the_interfaces()
    {
        await using Libp2pNode node = await Libp2pNode.StartAsync(o => o.Listen("/ip4/0.0.0.0/tcp/0"));

        Assert.NotEmpty(node.Addresses);
        Assert.DoesNotContain(node.Addresses, address => address.ToString().Contains("0.0.0.0", StringComparison.Ordinal));
        Assert.Contains(node.Addresses, address => address.ToString().StartsWith("/ip4/127.0.0.1/tcp/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_peer_than_the_one_dialled_is_refused_and_both_are_named()
    {
        await using Libp2pNode listener = await Libp2pNode.StartAsync(o => o.Listen("/ip4/127.0.0.1/tcp/0"));
        await using Libp2pNode dialer = await Libp2pNode.StartAsync(_ => { });

        DialException failed = await Assert.ThrowsAsync<DialException>(
            () => dialer.ConnectAsync(listener.Addresses[0].WithoutPeer().WithPeer(dialer.PeerId)).AsTask());

        DialAttempt attempt = Assert.Single(failed.Attempts);
        Assert.Equal(DialStage.Security, attempt.Reached);
        Assert.Contains(listener.PeerId.ToString(), failed.Message, StringComparison.Ordinal);
        Assert.Contains(dialer.PeerId.ToString(), failed.Message, StringComparison.Ordinal);
        Assert.Empty(dialer.Connections);
    }

    [Fact]
    public async Task A_failed_dial_names_each_address_and_the_layer_it_reached()
    {
        await using Libp2pNode dialer = await Libp2pNode.StartAsync(_ => { });
        await using Libp2pNode other = await Libp2pNode.StartAsync(_ => { });
        Transports.DialRequest request = new()
        {
            ExpectedPeer = Libp2p.Security.ExpectedPeer.Exactly(other.PeerId),
            Addresses = [Multiaddress.Parse("/ip4/127.0.0.1/tcp/1"), Multiaddress.Parse("/ip4/127.0.0.1/udp/1/quic-v1")],
        };

        DialException failed = await Assert.ThrowsAsync<DialException>(() => dialer.ConnectAsync(request).AsTask());

        Assert.Equal([DialStage.Transport, DialStage.Admission], failed.Attempts.Select(attempt => attempt.Reached));
        Assert.Contains("/ip4/127.0.0.1/udp/1/quic-v1", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_protocol_is_refused_with_what_was_offered()
    {
        await using NodePair nodes = await NodePair.ConnectAsync(_ => { });

        ProtocolNotSupportedException refused = await Assert.ThrowsAsync<ProtocolNotSupportedException>(() => nodes.OpenAsync("/nobody/1").AsTask());

        Assert.Equal("/nobody/1", Assert.Single(refused.Offered).Value);
    }

    [Fact]
    public async Task Concurrent_dials_to_one_peer_are_joined()
    {
        await using Libp2pNode listener = await Libp2pNode.StartAsync(o => o.Listen("/ip4/127.0.0.1/tcp/0"));
        await using Libp2pNode dialer = await Libp2pNode.StartAsync(_ => { });

        IPeerConnection[] connections = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => dialer.ConnectAsync(listener.Addresses[0]).AsTask()));

        Assert.Single(connections.Distinct());
        Assert.Single(dialer.Connections);
    }

    [Fact]
    public async Task A_handler_that_throws_resets_its_stream_and_nothing_else()
    {
        BytesHandler faulty = new("/bytes/faulty", (_, _) => throw new InvalidOperationException("a bug"));
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(faulty).Handle(BytesHandler.Echo));

        await using P2PStream stream = await nodes.OpenAsync("/bytes/faulty");
        StreamResetException reset = await Assert.ThrowsAsync<StreamResetException>(() => stream.Input.ReadToEndAsync().WaitAsync(NodePair.Patience));

        Assert.Equal(EndedBy.Remote, reset.Reason.By);
        await using P2PStream other = await nodes.OpenAsync("/bytes/echo");
        Assert.Null(nodes.Connection.Completion.IsCompleted ? "ended" : null);
    }

    [Fact]
    public async Task Handlers_come_and_go_at_run_time_and_the_node_says_so()
    {
        await using NodePair nodes = await NodePair.ConnectAsync(_ => { }, node => node.Options(new NodeOptions { LazyNegotiation = false }));
        using IEventSubscription<ProtocolsChanged> changes = nodes.Listener.Events.Subscribe<ProtocolsChanged>();
        List<int> counts = [];

        using (nodes.Listener.Handlers.Add([BytesHandler.Echo]))
        {
            await using P2PStream stream = await nodes.OpenAsync("/bytes/echo");
        }

        await Assert.ThrowsAsync<ProtocolNotSupportedException>(() => nodes.OpenAsync("/bytes/echo").AsTask());
        await foreach (ProtocolsChanged change in changes)
        {
            counts.Add(change.Protocols.Count);
            if (counts.Count == 3)
            {
                break;
            }
        }

        Assert.Equal([0, 1, 0], counts); // the current state first
    }

    [Fact]
    public async Task A_stream_beyond_the_handlers_bound_is_reset_and_a_place_is_free_when_one_ends()
    {
        TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        BytesHandler slow = new("/bytes/slow", async (_, token) => await release.Task.WaitAsync(token), new OperationLimits { InboundPerPeer = 1 });
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(slow));

        await using P2PStream first = await nodes.OpenAsync("/bytes/slow");
        await using P2PStream second = await nodes.OpenAsync("/bytes/slow");
        await Assert.ThrowsAsync<StreamResetException>(() => second.Input.ReadToEndAsync().WaitAsync(NodePair.Patience));
        release.SetResult();

        Assert.Empty(await first.Input.ReadToEndAsync().WaitAsync(NodePair.Patience));
    }

    [Fact]
    public async Task Our_own_streams_wait_at_their_bound_or_are_refused_as_declared()
    {
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(BytesHandler.Echo));
        StreamRequest refusing = new(["/bytes/echo"]) { Limits = new OperationLimits { OutboundPerPeer = 1, WhenFull = WhenFull.Refuse } };
        StreamRequest waiting = refusing with { Limits = refusing.Limits with { WhenFull = WhenFull.Wait } };

        P2PStream first = await nodes.Connection.OpenStreamAsync(waiting, CancellationToken.None);
        await Assert.ThrowsAsync<LimitExceededException>(() => nodes.Connection.OpenStreamAsync(refusing, CancellationToken.None).AsTask());
        Task<P2PStream> second = nodes.Connection.OpenStreamAsync(waiting, CancellationToken.None).AsTask();
        Assert.False(second.IsCompleted);
        await first.DisposeAsync();

        await using P2PStream opened = await second.WaitAsync(NodePair.Patience);
        Assert.Equal("/bytes/echo", opened.Protocol.Value);
    }

    [Fact]
    public async Task A_detached_stream_outlives_its_handler()
    {
        TaskCompletionSource<P2PStream> handedOff = new(TaskCreationOptions.RunContinuationsAsynchronously);
        BytesHandler detaching = new("/bytes/detach", (stream, _) =>
        {
            handedOff.SetResult(stream.Detach());
            return ValueTask.CompletedTask;
        });
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(detaching));

        await using P2PStream stream = await nodes.OpenAsync("/bytes/detach");
        await using P2PStream detached = await handedOff.Task.WaitAsync(NodePair.Patience);
        await detached.Output.WriteAsync(new byte[] { 1, 2, 3 });

        Assert.Equal([1, 2, 3], await stream.Input.ReadExactlyAsync(3).WaitAsync(NodePair.Patience));
    }

    [Fact]
    public async Task A_detached_stream_outlives_a_handler_that_fails_afterwards()
    {
        TaskCompletionSource<P2PStream> handedOff = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using LogProbe log = new();
        BytesHandler detaching = new("/bytes/detach", (stream, _) =>
        {
            handedOff.SetResult(stream.Detach());
            throw new InvalidOperationException("a bug");
        });
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(detaching).Logging(log));

        await using P2PStream stream = await nodes.OpenAsync("/bytes/detach");
        await using P2PStream detached = await handedOff.Task.WaitAsync(NodePair.Patience);
        await Eventually.HoldsAsync(() => log.Events.Any(logged => logged.Id == 1009)); // the handler's failure is told all the same
        await stream.Output.WriteAsync(new byte[] { 1, 2, 3 });

        Assert.Equal([1, 2, 3], await detached.Input.ReadExactlyAsync(3).WaitAsync(NodePair.Patience));
        Assert.Equal(1, nodes.Listener.GetState().Usage.InboundStreams);
        Assert.DoesNotContain(log.Events, logged => logged.Id == 1002);
    }

    [Fact]
    public async Task An_idle_connection_reserves_no_memory()
    {
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(BytesHandler.Echo));
        for (int i = 0; i < 3; i++)
        {
            await using P2PStream stream = await nodes.OpenAsync("/bytes/echo");
            await stream.Output.WriteAsync(new byte[100_000]);
            await stream.CloseWriteAsync();
            Assert.Equal(100_000, (await stream.Input.ReadToEndAsync().WaitAsync(NodePair.Patience)).Length);
        }

        await Eventually.HoldsAsync(() => nodes.Dialer.GetState().Usage.Memory == 0 && nodes.Listener.GetState().Usage.Memory == 0);
        Assert.Single(nodes.Dialer.Connections);
    }

    [Fact]
    public async Task Ending_a_node_ends_its_connections_gives_back_all_leases_and_tells_the_other_side()
    {
        NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(BytesHandler.Echo));
        P2PStream stream = await nodes.OpenAsync("/bytes/echo");

        await nodes.Dialer.DisposeAsync();
        await Assert.ThrowsAnyAsync<Libp2pException>(async () => await stream.Output.WriteAsync(new byte[1]));
        await stream.DisposeAsync();
        EndReason reason = await nodes.Connection.Completion.WaitAsync(NodePair.Patience);
        await nodes.Listener.DisposeAsync();

        Assert.Equal(EndedBy.Local, reason.By);
        Assert.Equal(default, nodes.Dialer.GetState().Usage);
        Assert.Equal(default, nodes.Listener.GetState().Usage);
        await nodes.Dialer.DisposeAsync(); // idempotent
    }

    [Fact]
    public async Task A_remote_that_says_nothing_is_dropped_when_its_time_is_over()
    {
        NodeOptions impatient = new() { InboundUpgradeTimeout = TimeSpan.FromMilliseconds(100) };
        Libp2pNode listener = await Libp2pNode.StartAsync(o => o.Listen("/ip4/127.0.0.1/tcp/0").Options(impatient));
        Assert.True(listener.Addresses[0].TryGetIPEndPoint(out System.Net.IPEndPoint? endPoint));
        using System.Net.Sockets.TcpClient silent = new();
        await silent.ConnectAsync(endPoint);

        byte[] rest = new byte[100];
        int read = await ReadToEndAsync(silent.GetStream(), rest).WaitAsync(NodePair.Patience);

        await listener.DisposeAsync();

        Assert.InRange(read, 0, 20); // at the most our multistream-select header
        Assert.Equal(0, listener.GetState().Usage.InboundConnections);
    }

    [Fact]
    public async Task Connections_beyond_the_ceiling_are_refused()
    {
        NodeOptions small = new() { Limits = new ResourceLimits { Connections = 1 } };
        await using Libp2pNode listener = await Libp2pNode.StartAsync(o => o.Listen("/ip4/127.0.0.1/tcp/0").Options(small));
        await using Libp2pNode first = await Libp2pNode.StartAsync(_ => { });
        await using Libp2pNode second = await Libp2pNode.StartAsync(_ => { });
        await NodePair.ConnectAsync(listener, first);

        await Assert.ThrowsAsync<DialException>(() => second.ConnectAsync(listener.Addresses[0]).AsTask());

        Assert.Single(listener.Connections);
    }

    [Fact]
    public async Task The_gater_is_asked_when_a_remote_knocks_and_before_we_dial()
    {
        await using Libp2pNode listener = await Libp2pNode.StartAsync(o => o.Listen("/ip4/127.0.0.1/tcp/0").Gater(new Refusing(accept: true)));
        await using Libp2pNode open = await Libp2pNode.StartAsync(_ => { });
        await using Libp2pNode gated = await Libp2pNode.StartAsync(o => o.Gater(new Refusing(accept: false)));

        await Assert.ThrowsAsync<DialException>(() => open.ConnectAsync(listener.Addresses[0]).AsTask());
        DialException refused = await Assert.ThrowsAsync<DialException>(() => gated.ConnectAsync(listener.Addresses[0]).AsTask());

        Assert.Equal(DialStage.Admission, Assert.Single(refused.Attempts).Reached);
        Assert.Empty(listener.Connections);
    }

    private static async Task<int> ReadToEndAsync(Stream stream, byte[] buffer)
    {
        int total = 0;
        try
        {
            while (await stream.ReadAsync(buffer.AsMemory(total)) is > 0 and int read)
            {
                total += read;
            }
        }
        catch (IOException)
        {
            // A reset is an end as well.
        }

        return total;
    }

    private sealed class Refusing(bool accept) : Transports.IConnectionGater
    {
        public bool AllowAccept(Multiaddress localAddress, Multiaddress remoteAddress) => !accept;

        public bool AllowDial(PeerId? peer, Multiaddress address) => accept;
    }
}
