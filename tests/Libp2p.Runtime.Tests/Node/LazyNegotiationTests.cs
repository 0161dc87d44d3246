using System.IO.Pipelines;
using System.Text;
using Libp2p.Connections;
using Libp2p.Muxers;
using Libp2p.Negotiation;
using Libp2p.Node.Connections;
using Libp2p.Node.Peers;
using Libp2p.Node.Streams;
using Libp2p.TestKit;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Host;

public sealed class LazyNegotiationTests
{
    private const string Echo = "/bytes/echo";

    [Fact]
    public async Task What_was_agreed_once_on_a_connection_is_not_asked_again()
    {
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(BytesHandler.Echo));

        await using P2PStream first = await nodes.OpenAsync(Echo);
        await using P2PStream second = await nodes.OpenAsync(Echo);

        Assert.False(first.IsOptimistic);
        Assert.True(second.IsOptimistic);
        Assert.Equal("hello"u8.ToArray(), await EchoAsync(second, "hello"u8.ToArray()));
    }

    [Fact]
    public async Task What_the_peer_store_knows_is_not_asked()
    {
        await using NodePair nodes = await KnowingAsync([BytesHandler.Echo], Echo);

        await using P2PStream stream = await nodes.OpenAsync(Echo);

        Assert.True(stream.IsOptimistic);
        Assert.Equal("hello"u8.ToArray(), await EchoAsync(stream, "hello"u8.ToArray()));
    }

    [Fact]
    public async Task What_a_peer_tells_while_it_is_connected_is_not_asked_either()
    {
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(BytesHandler.Echo));
        nodes.Dialer.Events.Publish(new PeerProtocolsChanged(nodes.Listener.PeerId, ["/other", Echo]));

        await Eventually.HoldsAsync(() => Known(nodes, Echo) is not null);

        await using P2PStream stream = await nodes.OpenAsync(Echo);
        Assert.True(stream.IsOptimistic);
    }

    [Fact]
    public async Task What_the_peer_store_tells_late_does_not_push_out_what_the_peer_told()
    {
        Late store = new(new MemoryPeerStore(TimeProvider.System));
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(BytesHandler.Echo), node => node.PeerStore(store));
        nodes.Dialer.Events.Publish(new PeerProtocolsChanged(nodes.Listener.PeerId, [Echo]));
        await Eventually.HoldsAsync(() => Known(nodes, Echo) is not null);

        store.Answer.SetResult(new PeerInfo(nodes.Listener.PeerId, [], ["/older", "/oldest"]));
        await ((PeerConnection)nodes.Connection).CloseAsync();
        await nodes.Dialer.DisposeAsync(); // the store was listened to by now

        Assert.Equal(Echo, Known(nodes, Echo)?.Value);
        Assert.Null(Known(nodes, "/older"));
    }

    [Fact]
    public void An_early_end_is_for_remotes_that_promise_to_take_it()
    {
        PeerProtocols protocols = new();
        Assert.False(protocols.TakesEarlyEnd);
        protocols.Recalled([EarlyEnd.Id]);
        Assert.True(protocols.TakesEarlyEnd);
        protocols.Told(["/a"]);
        Assert.False(protocols.TakesEarlyEnd);
        protocols.Told([.. Enumerable.Range(0, 2000).Select(i => (ProtocolId)$"/{i}"), EarlyEnd.Id]);
        Assert.True(protocols.TakesEarlyEnd);
    }

    [Fact]
    public void What_is_recalled_adds_to_what_a_connection_has_agreed_on_and_found_refused()
    {
        PeerProtocols protocols = new();
        protocols.Agreed(["/2", "/1"], "/1");

        protocols.Recalled(["/2", "/3"]);

        Assert.Equal("/1", protocols.Choose(["/2", "/1"])?.Value);
        Assert.Equal("/3", protocols.Choose(["/3"])?.Value);
    }

    [Fact]
    public async Task Plain_negotiation_can_be_forced()
    {
        await using NodePair nodes = await NodePair.ConnectAsync(
            node => node.Handle(BytesHandler.Echo), node => node.Options(new NodeOptions { LazyNegotiation = false }));

        await using P2PStream first = await nodes.OpenAsync(Echo);
        await using P2PStream second = await nodes.OpenAsync(Echo);

        Assert.False(second.IsOptimistic);
    }

    [Fact]
    public async Task An_initiator_that_reads_first_is_heard_at_once()
    {
        BytesHandler greeting = new("/bytes/greet", async (stream, token) => await stream.Output.WriteAsync("hello"u8.ToArray(), token));
        TaskCompletionSource heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
        BytesHandler silent = new("/bytes/silent", async (_, token) =>
        {
            heard.SetResult();
            await Task.Delay(Timeout.Infinite, token);
        });
        await using NodePair nodes = await KnowingAsync([greeting, silent], "/bytes/greet", "/bytes/silent");

        await using P2PStream greeted = await OpenToReadAsync(nodes, "/bytes/greet");
        Assert.Equal("hello"u8.ToArray(), await greeted.Input.ReadToEndAsync().WaitAsync(NodePair.Patience));

        P2PStream unread = await OpenToReadAsync(nodes, "/bytes/silent"); // neither written nor read
        await heard.Task.WaitAsync(NodePair.Patience);
        Assert.True(unread.IsOptimistic);
        unread.Reset();
        await unread.DisposeAsync();
    }

    [Fact]
    public async Task A_refusal_comes_with_the_first_read_by_its_type_and_is_not_believed_again()
    {
        await using NodePair nodes = await KnowingAsync([], Echo, "/other");
        using IEventSubscription<PeerProtocolsChanged> changes = nodes.Dialer.Events.Subscribe<PeerProtocolsChanged>();
        await using P2PStream stream = await nodes.OpenAsync(Echo);
        await stream.Output.WriteAsync("hello"u8.ToArray());

        ProtocolNotSupportedException refused = await Assert.ThrowsAsync<ProtocolNotSupportedException>(
            () => stream.Input.ReadToEndAsync().WaitAsync(NodePair.Patience));

        Assert.Equal(Echo, Assert.Single(refused.Offered).Value);
        await Assert.ThrowsAsync<ProtocolNotSupportedException>(() => nodes.OpenAsync(Echo).AsTask()); // it is asked now
        await foreach (PeerProtocolsChanged change in changes)
        {
            Assert.Equal("/other", Assert.Single(change.Protocols).Value);
            break;
        }

        Assert.Equal("/other", Assert.Single((await nodes.Dialer.Peers.GetAsync(nodes.Listener.PeerId, default))!.Protocols).Value);
    }

    [Fact]
    public async Task A_refusal_comes_with_closing_and_never_with_a_success()
    {
        await using NodePair nodes = await KnowingAsync([], Echo);
        await using P2PStream stream = await nodes.OpenAsync(Echo);
        await stream.Output.WriteAsync("hello"u8.ToArray());

        await Assert.ThrowsAsync<ProtocolNotSupportedException>(() => stream.CloseWriteAsync().AsTask().WaitAsync(NodePair.Patience));
        Assert.Equal(ErrorCode.ProtocolNegotiationFailed, stream.End?.Code);
    }

    [Fact]
    public async Task A_writer_that_never_reads_learns_of_the_refusal_from_a_flush()
    {
        await using NodePair nodes = await KnowingAsync([], Echo);
        await using P2PStream stream = await nodes.OpenAsync(Echo);

        async Task WriteAsync()
        {
            while (true)
            {
                await stream.Output.WriteAsync("more"u8.ToArray());
                await Task.Delay(1);
            }
        }

        await Assert.ThrowsAsync<ProtocolNotSupportedException>(() => WriteAsync().WaitAsync(NodePair.Patience));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_that_is_disposed_of_while_a_flush_waits_gives_its_places_back(bool isConfirmed)
    {
        TaskCompletionSource reads = new(TaskCreationOptions.RunContinuationsAsynchronously);
        BytesHandler late = new("/bytes/late", async (stream, token) =>
        {
            await stream.Output.WriteAsync(new byte[] { 1 }, token);
            await reads.Task.WaitAsync(token);
            await stream.Input.ReadToEndAsync(token);
        });
        await using NodePair nodes = await KnowingAsync([late], "/bytes/late");
        P2PStream stream = await nodes.OpenAsync("/bytes/late");
        Assert.True(stream.IsOptimistic);
        if (isConfirmed)
        {
            Task<byte[]> first = stream.Input.ReadExactlyAsync(1);
            await first.WaitAsync(NodePair.Patience);
        }

        Task<FlushResult> writing = stream.Output.WriteAsync(new byte[2 * Size.MiB]).AsTask();
        Assert.False(writing.IsCompleted);
        await stream.DisposeAsync().AsTask().WaitAsync(NodePair.Patience);

        Assert.Equal(0, nodes.Dialer.GetState().Usage.OutboundStreams);
        reads.SetResult();
        StreamResetException e = await Assert.ThrowsAsync<StreamResetException>(() => writing.WaitAsync(NodePair.Patience)); // half an upload is none
        Assert.Equal((EndedBy.Local, ErrorCode.Cancelled), (e.Reason.By, e.Reason.Code));
    }

    [Fact]
    public async Task A_call_that_was_refused_what_was_taken_for_granted_asks_and_succeeds()
    {
        Protocol<ISay> old = ISay.Protocol;
        StreamHandler handler = old.CreateHandlers(new Said())[0];
        BytesHandler onlyOld = new("/say/1.0.0/say", handler.HandleAsync);
        await using NodePair nodes = await KnowingAsync([onlyOld], "/say/1.1.0/say"); // it was downgraded since

        string answer = await nodes.Dialer.Client(ISay.Protocol, nodes.Listener.PeerId).SayAsync("hello");

        Assert.Equal("hello, /say/1.0.0/say", answer);
    }

    [Fact]
    public void An_older_version_is_taken_for_granted_only_when_the_newer_is_known_to_be_refused()
    {
        PeerProtocols known = new();
        Assert.Null(known.Choose(["/b", "/a"]));

        known.Agreed(["/a"], "/a");
        Assert.Equal("/a", known.Choose(["/a"])?.Value);
        Assert.Null(known.Choose(["/b", "/a"])); // it may speak the newer one

        known.Agreed(["/b", "/a"], "/a");
        Assert.Equal("/a", known.Choose(["/b", "/a"])?.Value);

        known.Told(["/c", "/b"]);
        Assert.Equal("/b", known.Choose(["/a", "/b"])?.Value);
        Assert.Null(known.Choose(["/a"]));

        known.Refused("/b");
        Assert.Null(known.Choose(["/a", "/b"]));
    }

    [Fact]
    public async Task A_peer_that_never_answers_costs_the_time_for_negotiation()
    {
        ManualClock clock = new();
        InMemoryStreamPair pair = new();
        OutboundNegotiation negotiation = new(new PeerProtocols(), new NodeOptions(), clock, _ => { });
        Task<NegotiatedStream> running = negotiation.RunAsync(pair.Initiator, new StreamRequest(["/a"]), CancellationToken.None).AsTask();

        clock.Advance(new NodeOptions().NegotiationTimeout);

        DeadlineExceededException exceeded = await Assert.ThrowsAsync<DeadlineExceededException>(() => running.WaitAsync(NodePair.Patience));
        Assert.Contains("Stream negotiation", exceeded.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_lists_what_it_serves_and_refuses_the_rest_on_the_same_stream()
    {
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(BytesHandler.Echo));
        await using IMuxedStream stream = await ((PeerConnection)nodes.Connection).Muxed.OpenStreamAsync(CancellationToken.None);

        await stream.Output.WriteAsync("\u0013/multistream/1.0.0\n\u0003ls\n\u0005/nah\n\u000c/bytes/echo\nbytes"u8.ToArray());
        await stream.CloseWriteAsync(CancellationToken.None);

        string answer = Encoding.UTF8.GetString(await stream.Input.ReadToEndAsync().WaitAsync(NodePair.Patience));
        Assert.Equal("\u0013/multistream/1.0.0\n\u000e\u000c/bytes/echo\n\n\u0003na\n\u000c/bytes/echo\nbytes", answer);
    }

    private static async Task<byte[]> EchoAsync(P2PStream stream, byte[] sent)
    {
        Task<byte[]> receiving = stream.Input.ReadToEndAsync();
        await stream.Output.WriteAsync(sent);
        await stream.CloseWriteAsync();
        return await receiving.WaitAsync(NodePair.Patience);
    }

    private static ValueTask<P2PStream> OpenToReadAsync(NodePair nodes, string protocol) =>
        nodes.Connection.OpenStreamAsync(new StreamRequest([protocol]) { InitiatorWritesFirst = false }, CancellationToken.None);

    /// <summary>A pair whose dialer knew from before what the listener speaks, or believes to know.</summary>
    private static async Task<NodePair> KnowingAsync(StreamHandler[] handlers, params ProtocolId[] known)
    {
        Libp2pNode listener = await Libp2pNode.StartAsync(node =>
        {
            node.Listen("/ip4/127.0.0.1/tcp/0");
            Array.ForEach(handlers, handler => node.Handle(handler));
        });
        Libp2pNode dialer = await Libp2pNode.StartAsync(_ => { });
        await dialer.Peers.SetProtocolsAsync(listener.PeerId, known, CancellationToken.None);
        return await NodePair.ConnectAsync(listener, dialer);
    }

    private static ProtocolId? Known(NodePair nodes, string protocol) => ((PeerConnection)nodes.Connection).Protocols.Choose([protocol]);

    /// <summary>A store that answers when a test says so.</summary>
    private sealed class Late(IPeerStore store) : IPeerStore
    {
        public TaskCompletionSource<PeerInfo?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<PeerInfo?> GetAsync(PeerId peer, CancellationToken cancellationToken) => await Answer.Task;

        public ValueTask AddAddressesAsync(
            PeerId peer, IReadOnlyList<Multiaddress> addresses, AddressSource source, TimeSpan lifetime, CancellationToken cancellationToken) =>
            store.AddAddressesAsync(peer, addresses, source, lifetime, cancellationToken);

        public ValueTask SetProtocolsAsync(PeerId peer, IReadOnlyList<ProtocolId> protocols, CancellationToken cancellationToken) =>
            store.SetProtocolsAsync(peer, protocols, cancellationToken);

        public ValueTask RemoveAsync(PeerId peer, CancellationToken cancellationToken) => store.RemoveAsync(peer, cancellationToken);

        public IAsyncEnumerable<PeerInfo> GetAllAsync(CancellationToken cancellationToken) => store.GetAllAsync(cancellationToken);
    }
}
