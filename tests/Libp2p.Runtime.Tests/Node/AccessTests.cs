using Libp2p.Node.State;
using Libp2p.TestKit;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Host;

public sealed class AccessTests
{
    private const string Guarded = "/bytes/guarded";

    [Fact]
    public async Task A_policy_is_asked_who_calls_what_over_which_connection()
    {
        TaskCompletionSource<AccessRequest> asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(Handler()).Policy("friends", (request, _) =>
        {
            asked.SetResult(request);
            return new(true);
        }));

        await using P2PStream stream = await nodes.OpenAsync(Guarded);
        await stream.Output.WriteAsync(new byte[] { 7 });

        Assert.Equal([7], await stream.Input.ReadExactlyAsync(1).WaitAsync(NodePair.Patience));
        AccessRequest request = await asked.Task;
        Assert.Equal((nodes.Dialer.PeerId, Guarded), (request.RemotePeer, request.Protocol.Value));
        Assert.Same(nodes.Listener.Connections[0], request.Connection);
    }

    [Theory]
    [InlineData("refuses")]
    [InlineData("throws")]
    [InlineData("takes too long")]
    public async Task A_caller_who_is_not_admitted_never_reaches_the_handler(string policy)
    {
        bool wasCalled = false;
        BytesHandler handler = new(
            Guarded,
            (_, _) =>
            {
                wasCalled = true;
                return default;
            },
            access: "friends");
        NodeOptions impatient = new() { AccessTimeout = TimeSpan.FromMilliseconds(50) };
        await using NodePair nodes = await NodePair.ConnectAsync(
            node => node.Handle(handler).Handle(BytesHandler.Echo).Options(impatient).Policy("friends", (_, token) => DecideAsync(policy, token)));

        await using P2PStream stream = await nodes.OpenAsync(Guarded);
        StreamResetException refused = await Assert.ThrowsAsync<StreamResetException>(
            () => stream.Input.ReadToEndAsync().WaitAsync(NodePair.Patience));

        Assert.Equal((EndedBy.Remote, ErrorCode.Gated), (refused.Reason.By, refused.Reason.Code));
        Assert.False(wasCalled);
        await using P2PStream other = await nodes.OpenAsync("/bytes/echo"); // only the stream was refused
    }

    [Fact]
    public async Task A_policy_that_does_not_heed_its_time_costs_the_remote_the_stream_and_is_left_behind()
    {
        TaskCompletionSource<bool> decision = new(TaskCreationOptions.RunContinuationsAsynchronously);
        NodeOptions impatient = new() { AccessTimeout = TimeSpan.FromMilliseconds(50) };
        NodePair nodes = await NodePair.ConnectAsync(
            node => node.Handle(Handler()).Options(impatient).Policy("friends", (_, _) => new ValueTask<bool>(decision.Task)));

        await using P2PStream stream = await nodes.OpenAsync(Guarded);
        await Assert.ThrowsAsync<StreamResetException>(() => stream.Input.ReadToEndAsync().WaitAsync(NodePair.Patience));
        await nodes.DisposeAsync().AsTask().WaitAsync(NodePair.Patience);

        NodeState state = nodes.Listener.GetState();
        Assert.Equal(default, state.Usage);
        Assert.Contains("'friends'", Assert.Single(state.Abandoned).What, StringComparison.Ordinal);
        decision.SetResult(true);
        await Eventually.HoldsAsync(() => nodes.Listener.GetState().Abandoned.Count == 0);
    }

    [Fact]
    public async Task A_policy_is_cancelled_when_the_caller_goes()
    {
        TaskCompletionSource isAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource isCancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(Handler()).Policy("friends", async (_, token) =>
        {
            isAsked.SetResult();
            using CancellationTokenRegistration cancelled = token.Register(isCancelled.SetResult);
            await isCancelled.Task;
            return true;
        }));

        await using P2PStream stream = await nodes.OpenAsync(Guarded);
        await isAsked.Task.WaitAsync(NodePair.Patience);
        stream.Reset();

        await isCancelled.Task.WaitAsync(NodePair.Patience);
    }

    [Fact]
    public async Task An_unknown_policy_is_told_when_the_node_starts_and_when_a_handler_is_added()
    {
        InvalidOperationException starting = await Assert.ThrowsAsync<InvalidOperationException>(
            () => Libp2pNode.StartAsync(node => node.Handle(Handler())));
        await using Libp2pNode running = await Libp2pNode.StartAsync(node => node.Policy("family", (_, _) => new(true)));
        InvalidOperationException adding = Assert.Throws<InvalidOperationException>(() => running.Handlers.Add([Handler()]));

        Assert.All([starting, adding], e =>
        {
            Assert.Contains("'friends'", e.Message, StringComparison.Ordinal);
            Assert.Contains(Guarded, e.Message, StringComparison.Ordinal);
        });
        Assert.Empty(running.Handlers.Protocols);
    }

    private static async ValueTask<bool> DecideAsync(string policy, CancellationToken token)
    {
        switch (policy)
        {
            case "refuses":
                return false;
            case "throws":
                throw new InvalidOperationException("The directory is down");
            default:
                await Task.Delay(Timeout.Infinite, token);
                return true;
        }
    }

    private static BytesHandler Handler() => new(Guarded, BytesHandler.EchoAsync, access: "friends");
}
