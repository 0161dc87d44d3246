using Libp2p.TestKit;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Host;

/// <summary>However a stream ends, what it took of the bounds is free again at both ends.</summary>
public sealed class LeaseTests
{
    [Theory]
    [InlineData("the handler fails at once")]
    [InlineData("the handler fails after a byte")]
    [InlineData("the handler fails after an answer")]
    [InlineData("the handler returns at once")]
    [InlineData("the initiator resets at once")]
    [InlineData("the initiator resets later")]
    [InlineData("the initiator leaves")]
    [InlineData("nobody knows the protocol")]
    [InlineData("the policy refuses")]
    [InlineData("there is no place")]
    [InlineData("the caller gives up opening")]
    public async Task A_stream_gives_its_lease_back_when(string how)
    {
        BytesHandler handler = new("/bytes/any", (stream, token) => ServeAsync(stream, how, token), new OperationLimits { InboundPerPeer = 1 });
        BytesHandler guarded = new("/bytes/guarded", BytesHandler.EchoAsync, access: "nobody");
        await using NodePair nodes = await NodePair.ConnectAsync(
            node => node.Handle(handler).Handle(guarded).Policy("nobody", static (_, _) => new(false)));

        for (int i = 0; i < 5; i++)
        {
            await TryAsync(() => InitiateAsync(nodes, how));
        }

        await Eventually.HoldsAsync(() => nodes.Listener.GetState().Usage.InboundStreams == 0 && nodes.Dialer.GetState().Usage.OutboundStreams == 0);
        Assert.Null(nodes.Connection.Completion.IsCompleted ? "the connection has ended" : null);
    }

    private static async Task InitiateAsync(NodePair nodes, string how)
    {
        if (how == "the caller gives up opening")
        {
            using CancellationTokenSource impatient = new();
            Task<P2PStream> opening = nodes.Connection.OpenStreamAsync(new Connections.StreamRequest(["/bytes/any"]), impatient.Token).AsTask();
            await impatient.CancelAsync();
            await (await opening).DisposeAsync();
            return;
        }

        string protocol = how switch
        {
            "nobody knows the protocol" => "/nobody/1",
            "the policy refuses" => "/bytes/guarded",
            _ => "/bytes/any",
        };
        await using P2PStream stream = await nodes.OpenAsync(protocol);
        if (how == "the initiator resets at once")
        {
            stream.Reset();
            return;
        }

        await stream.Output.WriteAsync(new byte[] { 1 });
        if (how == "the initiator resets later")
        {
            await stream.Input.ReadExactlyAsync(1).WaitAsync(NodePair.Patience);
            stream.Reset();
        }
        else if (how == "there is no place")
        {
            await stream.Input.ReadExactlyAsync(1).WaitAsync(NodePair.Patience);
            await using P2PStream second = await nodes.OpenAsync(protocol);
            await TryAsync(() => second.Input.ReadToEndAsync().WaitAsync(NodePair.Patience));
        }
        else if (how != "the initiator leaves")
        {
            await stream.Input.ReadToEndAsync().WaitAsync(NodePair.Patience);
        }
    }

    private static async ValueTask ServeAsync(P2PStream stream, string how, CancellationToken token)
    {
        switch (how)
        {
            case "the handler fails at once":
                throw new InvalidOperationException(how);
            case "the handler returns at once":
                return;
            case "the handler fails after a byte":
                await stream.Input.ReadExactlyAsync(1, token);
                throw new InvalidOperationException(how);
            case "the handler fails after an answer":
                await stream.Output.WriteAsync(new byte[] { 1 }, token);
                throw new InvalidOperationException(how);
            default:
                await BytesHandler.EchoAsync(stream, token);
                break;
        }
    }

    private static async Task TryAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (Exception e) when (e is Libp2pException or OperationCanceledException)
        {
            // How it ends is other tests' affair.
        }
    }
}
