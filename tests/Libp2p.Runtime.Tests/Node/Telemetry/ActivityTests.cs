using System.Collections.Concurrent;
using System.Diagnostics;
using Libp2p.Connections;

namespace Libp2p.Tests.Host.Telemetry;

public sealed class ActivityTests
{
    [Fact]
    public async Task A_dial_is_an_activity_with_the_upgrade_in_it_and_what_is_served_on_the_connection_is_no_part_of_it()
    {
        using ActivitySource source = new("Libp2p.Tests.Dial");
        ConcurrentQueue<Activity> ended = new();
        using ActivityListener listener = Listen(source, ended);
        TaskCompletionSource<Activity?> served = new(TaskCreationOptions.RunContinuationsAsynchronously);
        BytesHandler telling = new("/bytes/tell", (_, _) =>
        {
            served.SetResult(Activity.Current);
            return ValueTask.CompletedTask;
        });
        await using NodePair nodes = await NodePair.ConnectAsync(_ => { }, node => node.Tracing(source).Handle(telling));

        await using P2PStream back = await nodes.Listener.Connections[0].OpenStreamAsync(new StreamRequest(["/bytes/tell"]), CancellationToken.None);

        Assert.Null(await served.Task.WaitAsync(NodePair.Patience));
        Activity dial = Assert.Single(ended, activity => activity.OperationName == "dial");
        Activity upgrade = Assert.Single(ended, activity => activity.OperationName == "upgrade");
        Assert.Equal(dial.SpanId, upgrade.ParentSpanId);
        Assert.Equal((nodes.Listener.PeerId.ToString(), "/noise"), (dial.GetTagItem("peer"), upgrade.GetTagItem("security")));
        Assert.Equal((ActivityKind.Client, ActivityStatusCode.Unset), (upgrade.Kind, dial.Status));
    }

    [Fact]
    public async Task A_dial_that_fails_is_an_activity_with_an_error()
    {
        using ActivitySource source = new("Libp2p.Tests.FailedDial");
        ConcurrentQueue<Activity> ended = new();
        using ActivityListener listener = Listen(source, ended);
        await using Libp2pNode dialer = await Libp2pNode.StartAsync(node => node.Tracing(source));
        await using Libp2pNode other = await Libp2pNode.StartAsync(_ => { });

        await Assert.ThrowsAsync<DialException>(() => dialer.ConnectAsync(Multiaddress.Parse($"/ip4/127.0.0.1/tcp/1/p2p/{other.PeerId}")).AsTask());

        Activity dial = Assert.Single(ended);
        Assert.Equal((ActivityStatusCode.Error, "DialException"), (dial.Status, dial.GetTagItem("error.type")));
    }

    [Fact]
    public async Task Without_a_source_the_node_has_its_own_which_ends_with_it()
    {
        ConcurrentQueue<ActivitySource> sources = new();
        using ActivityListener listener = new() { ShouldListenTo = source => Note(sources, source) };
        ActivitySource.AddActivityListener(listener);
        int before = sources.Count(source => source.Name == "Libp2p");

        await using Libp2pNode node = await Libp2pNode.StartAsync(_ => { });

        Assert.True(sources.Count(source => source.Name == "Libp2p") > before);
    }

    private static bool Note(ConcurrentQueue<ActivitySource> sources, ActivitySource source)
    {
        sources.Enqueue(source);
        return false;
    }

    private static ActivityListener Listen(ActivitySource source, ConcurrentQueue<Activity> ended)
    {
        ActivityListener listener = new()
        {
            ShouldListenTo = candidate => ReferenceEquals(candidate, source),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
