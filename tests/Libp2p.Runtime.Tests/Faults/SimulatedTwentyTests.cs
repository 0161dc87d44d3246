using Libp2p.Simulation;
using Libp2p.TestKit.Accounts;
using Libp2p.Tests.Host;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Faults;

/// <summary>Twenty nodes in virtual time: one seed is one story, to the last event.</summary>
public sealed class SimulatedTwentyTests
{
    private const int Count = 20;

    [Fact]
    public void Twenty_nodes_replay_from_a_seed_and_another_seed_is_another_run()
    {
        SimulationRun first = SimulationRun.Replay(1, TalkAsync);
        SimulationRun second = SimulationRun.Replay(2, TalkAsync);

        Assert.NotEqual(first.Digest, second.Digest);
        Assert.Equal(Count * (Count - 1) / 2, first.Events.Lines.Count(line => line.Contains("answered", StringComparison.Ordinal)));
        Assert.Equal(Count * (Count - 1), first.Events.Lines.Count(line => line.Contains("opened", StringComparison.Ordinal)));
    }

    private static async Task TalkAsync(SimulationRun run)
    {
        MemoryNetwork network = new();
        CountingTime time = new(run.Time);
        List<Libp2pNode> nodes = [];
        List<Task> watching = [];
        for (int i = 0; i < Count; i++)
        {
            string name = $"node {i}";
            Libp2pNode node = await SimulatedNodesTests.StartAsync(
                run, name, network, node => node.Listen($"/memory/{i + 1}").Handle(ISay.Protocol, new Said()).Time(time));
            watching.Add(run.Start($"watcher of {name}", () => WatchAsync(run, name, node)));
            nodes.Add(node);
        }

        List<Task> talks = [];
        for (int i = 0; i < Count; i++)
        {
            for (int j = i + 1; j < Count; j++)
            {
                (int caller, int called) = (i, j);
                talks.Add(run.Start($"{i} asks {j}", async () =>
                {
                    ISay say = await nodes[caller].ConnectAsync(ISay.Protocol, nodes[called].Addresses[0]);
                    run.Log($"{called} answered {caller}: {await say.SayAsync("hello")}");
                }));
            }
        }

        await Task.WhenAll(talks);
        foreach (Libp2pNode node in nodes)
        {
            await node.DisposeAsync();
            run.Log($"{node.PeerId}: {node.GetState().Usage}");
        }

        await Task.WhenAll(watching);
        new Ledger([.. nodes]) { Time = time }.MustBeAt(new LedgerBalance(new Dictionary<string, long>()));
    }

    private static async Task WatchAsync(SimulationRun run, string name, Libp2pNode node)
    {
        using IEventSubscription<NodeEvent> events = node.Events.Subscribe<NodeEvent>();
        await foreach (NodeEvent happened in events)
        {
            run.Log(happened switch
            {
                ConnectionOpened opened => $"{name} opened {opened.Connection.Id} with {opened.Connection.RemotePeer}",
                ConnectionClosed closed => $"{name} closed {closed.Connection.Id}: {closed.Reason}",
                _ => $"{name}: {happened.GetType().Name}",
            });
        }
    }
}
