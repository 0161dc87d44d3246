using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Libp2p.Connections;
using Libp2p.Muxers;
using Libp2p.Node.Connections;
using Libp2p.Node.State;
using Libp2p.TestKit;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Host.State;

/// <summary>A hang is seen in the node's state, by a person in the text and by a program in the JSON.</summary>
public sealed class HangTests
{
    private static readonly BytesHandler s_deaf = new("/bytes/deaf", async (_, token) => await new TaskCompletionSource().Task.WaitAsync(token));

    [Fact]
    public async Task A_stream_whose_remote_does_not_read_shows_on_both_ends_who_waits_for_whom()
    {
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(s_deaf));
        await using P2PStream stream = await nodes.OpenAsync("/bytes/deaf");
        using CancellationTokenSource patience = new();

        Task writing = stream.Output.WriteAsync(new byte[2 * Size.MiB], patience.Token).AsTask();
        await Eventually.HoldsAsync(() => nodes.Dialer.GetState().Connections[0].Streams is [{ SendWindow: 0 }]);
        StreamState sender = await StreamAsync(nodes.Dialer, StreamWait.RemoteWindow);
        StreamState receiver = await StreamAsync(nodes.Listener, StreamWait.LocalReader);
        (string text, JsonElement json) = Dump(nodes.Dialer);
        patience.Cancel();

        Assert.Equal(("/bytes/deaf", StreamPhase.Open, Direction.Outbound), (sender.Protocol?.Value, sender.Phase, sender.Direction));
        Assert.Equal(("/bytes/deaf", StreamPhase.Open, Direction.Inbound), (receiver.Protocol?.Value, receiver.Phase, receiver.Direction));
        Assert.Equal(0, sender.SendWindow);
        Assert.True(sender.Queued > 0 && sender.Sent > 0 && receiver.Buffered > 0 && sender.Age > TimeSpan.Zero);
        Assert.Contains("/bytes/deaf: outbound, open", text, StringComparison.Ordinal);
        Assert.Contains("waits for the remote to read", text, StringComparison.Ordinal);
        JsonElement shown = json.GetProperty("connections")[0].GetProperty("streams")[0];
        Assert.Equal("/bytes/deaf", shown.GetProperty("protocol").GetString());
        Assert.Contains("RemoteWindow", shown.GetProperty("waitsFor").EnumerateArray().Select(wait => wait.GetString()));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing.WaitAsync(NodePair.Patience));
    }

    [Fact]
    public async Task A_dial_that_hangs_in_the_handshake_shows_where_and_towards_whom()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        int port = ((IPEndPoint)silent.LocalEndpoint).Port;
        await using Libp2pNode other = await Libp2pNode.StartAsync(_ => { });
        await using Libp2pNode dialer = await Libp2pNode.StartAsync(_ => { });
        using CancellationTokenSource patience = new();

        Task dialling = dialer.ConnectAsync(Multiaddress.Parse($"/ip4/127.0.0.1/tcp/{port}/p2p/{other.PeerId}"), patience.Token).AsTask();
        await Eventually.HoldsAsync(() => dialer.GetState().Pending is [{ Stage: DialStage.Security }]);
        (string text, JsonElement json) = Dump(dialer);
        patience.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dialling.WaitAsync(NodePair.Patience));

        Assert.Contains($"pending outbound connection with {other.PeerId} at /ip4/127.0.0.1/tcp/{port}: in Security for", text, StringComparison.Ordinal);
        JsonElement shown = json.GetProperty("pending")[0];
        Assert.Contains($"dialling {other.PeerId}, 1 waiting", text, StringComparison.Ordinal);
        Assert.Equal(1, json.GetProperty("dials")[0].GetProperty("waiting").GetInt32());
        Assert.Equal(("Outbound", "Security", other.PeerId.ToString()), (Text(shown, "direction"), Text(shown, "stage"), Text(shown, "peer")));
        await Eventually.HoldsAsync(() => dialer.GetState().Pending.Count == 0);
    }

    [Fact]
    public async Task A_remote_that_connects_and_says_nothing_is_a_pending_inbound_connection()
    {
        await using Libp2pNode listener = await Libp2pNode.StartAsync(node => node.Listen("/ip4/127.0.0.1/tcp/0"));
        Assert.True(listener.Addresses[0].TryGetIPEndPoint(out IPEndPoint? endPoint));
        using TcpClient silent = new();
        await silent.ConnectAsync(endPoint);

        await Eventually.HoldsAsync(() => listener.GetState().Pending.Count == 1);
        PendingConnectionState pending = listener.GetState().Pending[0];

        Assert.Equal((Direction.Inbound, null), (pending.Direction, pending.Peer));
        silent.Close();
        await Eventually.HoldsAsync(() => listener.GetState() is { Pending.Count: 0, Usage.InboundConnections: 0 });
    }

    [Fact]
    public async Task A_caller_that_waits_for_a_place_is_counted_at_its_gate()
    {
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(BytesHandler.Echo));
        StreamRequest single = new(["/bytes/echo"]) { Limits = new OperationLimits { OutboundPerPeer = 1, WhenFull = WhenFull.Wait } };

        P2PStream first = await nodes.Connection.OpenStreamAsync(single, CancellationToken.None);
        Task<P2PStream> second = nodes.Connection.OpenStreamAsync(single, CancellationToken.None).AsTask();
        await Eventually.HoldsAsync(() => nodes.Dialer.GetState().Gates is [{ Waiting: 1 }]);
        OutboundGateState gate = nodes.Dialer.GetState().Gates[0];
        await first.DisposeAsync();
        await (await second.WaitAsync(NodePair.Patience)).DisposeAsync();

        Assert.Equal((nodes.Listener.PeerId, "/bytes/echo", 1, 1, 1), (gate.Peer, gate.Protocol.Value, gate.Limit, gate.Open, gate.Waiting));
        Assert.Empty(nodes.Dialer.GetState().Gates);
    }

    [Fact]
    public async Task A_stream_that_waits_for_a_place_says_so_and_so_does_its_gate()
    {
        BytesHandler single = new("/bytes/single", BytesHandler.EchoAsync, new OperationLimits { InboundPerPeer = 1, WhenFull = WhenFull.Wait });
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(single));
        P2PStream first = await nodes.OpenAsync("/bytes/single");
        await Eventually.HoldsAsync(() => nodes.Listener.GetState().InboundGates is [{ Open: 1 }]);
        await using P2PStream second = await nodes.OpenAsync("/bytes/single");
        await second.Output.WriteAsync(new byte[] { 7 });

        StreamState waiting = await StreamAsync(nodes.Listener, StreamWait.Place);
        await Eventually.HoldsAsync(() => nodes.Listener.GetState().InboundGates is [{ Waiting: 1 }]);
        InboundGateState gate = nodes.Listener.GetState().InboundGates[0];
        (string text, JsonElement json) = Dump(nodes.Listener);
        await first.DisposeAsync();
        Assert.Equal([7], await second.Input.ReadExactlyAsync(1).WaitAsync(NodePair.Patience));

        Assert.Equal((StreamPhase.Admitting, "/bytes/single"), (waiting.Phase, waiting.Protocol?.Value));
        Assert.DoesNotContain(StreamWait.Negotiation, waiting.WaitsFor);
        Assert.Equal((nodes.Dialer.PeerId, "/bytes/single", 1, 1, 1), (gate.Peer, gate.Protocol?.Value, gate.Limit, gate.Open, gate.Waiting));
        Assert.Contains("/bytes/single: inbound, admitting", text, StringComparison.Ordinal);
        Assert.Contains("waits for a place among the peer's streams of the operation", text, StringComparison.Ordinal);
        Assert.Contains($"gate of /bytes/single for {nodes.Dialer.PeerId}: 1 of 1 open, 1 waiting", text, StringComparison.Ordinal);
        Assert.Equal(1, json.GetProperty("inboundGates")[0].GetProperty("waiting").GetInt32());
    }

    [Fact]
    public async Task A_stream_that_waits_for_its_access_policy_says_so()
    {
        TaskCompletionSource<bool> decision = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using NodePair nodes = await NodePair.ConnectAsync(node => node
            .Handle(new BytesHandler("/bytes/guarded", BytesHandler.EchoAsync, access: "slow")).Policy("slow", (_, _) => new(decision.Task)));
        await using P2PStream stream = await nodes.OpenAsync("/bytes/guarded");

        StreamState waiting = await StreamAsync(nodes.Listener, StreamWait.AccessPolicy);
        string text = Dump(nodes.Listener).Text;
        decision.SetResult(true);
        await Eventually.HoldsAsync(() => nodes.Listener.GetState().Connections[0].Streams is [{ Phase: StreamPhase.Open }]);

        Assert.Equal((StreamPhase.Admitting, "/bytes/guarded"), (waiting.Phase, waiting.Protocol?.Value));
        Assert.Contains("waits for the access policy to admit it", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attempts_that_wait_for_a_place_among_those_of_all_dials_are_counted()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        int port = ((IPEndPoint)silent.LocalEndpoint).Port;
        await using Libp2pNode one = await Libp2pNode.StartAsync(_ => { });
        await using Libp2pNode two = await Libp2pNode.StartAsync(_ => { });
        await using Libp2pNode dialer = await Libp2pNode.StartAsync(node => node.Options(new NodeOptions { MaxConcurrentDialAttempts = 1 }));
        using CancellationTokenSource patience = new();

        Task[] dialling = [.. new[] { one, two }.Select(
            other => dialer.ConnectAsync(Multiaddress.Parse($"/ip4/127.0.0.1/tcp/{port}/p2p/{other.PeerId}"), patience.Token).AsTask())];
        await Eventually.HoldsAsync(() => dialer.GetState().DialAttempts is { Limit: 1, Running: 1, Waiting: 1 });
        string text = Dump(dialer).Text;
        patience.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(dialling).WaitAsync(NodePair.Patience));

        Assert.Contains("dial attempts: 1 of 1, 1 waiting", text, StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => dialer.GetState().DialAttempts is { Running: 0, Waiting: 0 });
    }

    [Fact]
    public async Task Messages_that_no_operation_knows_are_told_by_protocol()
    {
        await using Libp2pNode node = await Libp2pNode.StartAsync(node => node.Handle(BytesHandler.Echo).Handle(new Puzzled()));

        Assert.Equal([new UnknownMessagesState("/bytes/puzzled", 3)], node.GetState().UnknownMessages);
        Assert.Contains("unknown messages on /bytes/puzzled: 3", Dump(node).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_does_not_say_what_it_wants_is_in_negotiation()
    {
        await using NodePair nodes = await NodePair.ConnectAsync(_ => { });
        await using IMuxedStream mute = await ((PeerConnection)nodes.Connection).Muxed.OpenStreamAsync(CancellationToken.None);
        await mute.Output.FlushAsync();

        StreamState served = await StreamAsync(nodes.Listener, StreamWait.Negotiation);

        Assert.Equal((StreamPhase.Negotiating, null), (served.Phase, served.Protocol));
        Assert.Contains("stream 1 without protocol: inbound, negotiating", Dump(nodes.Listener).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_has_ended_is_gone_from_the_state()
    {
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(BytesHandler.Echo));
        P2PStream stream = await nodes.OpenAsync("/bytes/echo");
        await stream.Output.WriteAsync(new byte[1000]);
        await stream.CloseWriteAsync();
        await Eventually.HoldsAsync(() => nodes.Dialer.GetState().Connections[0].Sent >= 1000);
        ConnectionState during = Assert.Single(nodes.Dialer.GetState().Connections);
        await stream.DisposeAsync();

        await Eventually.HoldsAsync(() => nodes.Dialer.GetState().Connections[0].Streams.Count + nodes.Listener.GetState().Connections[0].Streams.Count == 0);
        await nodes.Connection.CloseAsync();
        await Eventually.HoldsAsync(() => nodes.Dialer.GetState().Connections.Count + nodes.Listener.GetState().Connections.Count == 0);

        Assert.Equal("/bytes/echo", Assert.Single(during.Streams).Protocol?.Value);
        Assert.True(during.Age > TimeSpan.Zero);
        Assert.Equal(default, nodes.Dialer.GetState().Usage);
    }

    private static async Task<StreamState> StreamAsync(Libp2pNode node, StreamWait wait)
    {
        StreamState? found = null;
        await Eventually.HoldsAsync(() =>
            (found = node.GetState().Connections.SelectMany(connection => connection.Streams).FirstOrDefault(stream => stream.WaitsFor.Contains(wait))) is not null);
        return found!;
    }

    private static (string Text, JsonElement Json) Dump(Libp2pNode node)
    {
        NodeState state = node.GetState();
        using JsonDocument json = JsonDocument.Parse(state.ToJson());
        return (state.ToString(), json.RootElement.Clone());
    }

    private static string? Text(JsonElement element, string property) => element.GetProperty(property).GetString();

    private sealed class Puzzled : StreamHandler
    {
        public override IReadOnlyList<ProtocolId> Ids { get; } = ["/bytes/puzzled"];

        public override long UnknownMessages => 3;

        public override ValueTask HandleAsync(P2PStream stream, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
