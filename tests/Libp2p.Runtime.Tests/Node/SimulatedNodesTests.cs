using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Scheduling;
using Libp2p.Simulation;
using Libp2p.Transports;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Host;

/// <summary>Whole nodes on the deterministic queue: nothing of them runs anywhere else, and a seed replays them.</summary>
public sealed class SimulatedNodesTests
{
    public static TheoryData<ulong> Seeds => [.. Enumerable.Range(0, 20).Select(seed => (ulong)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Two_nodes_connect_call_and_close(ulong seed) => SimulationRun.Replay(seed, async run =>
    {
        MemoryNetwork network = new();
        await using Libp2pNode bob = await StartAsync(run, "bob", network, node => node.Listen("/memory/1").Handle(ISay.Protocol, new Said()));
        await using Libp2pNode alice = await StartAsync(run, "alice", network);
        Task watching = run.Start("watcher", () => WatchAsync(run, bob));

        ISay ask = await alice.ConnectAsync(ISay.Protocol, bob.Addresses[0].ToString());
        Task[] calls = [.. Enumerable.Range(0, 5).Select(i => run.Start($"call {i}", async () => run.Log(await ask.SayAsync($"{i}"))))];
        await Task.WhenAll(calls);
        await alice.Connections[0].CloseAsync();
        run.Log(await ask.SayAsync("again")); // dials anew
        await alice.DisposeAsync();
        await bob.DisposeAsync();
        await watching;
        run.Log($"{alice.GetState().Usage} {bob.GetState().Usage}");
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_call_that_is_cancelled_anywhere_on_its_way(ulong seed) => SimulationRun.Replay(seed, async run =>
    {
        MemoryNetwork network = new();
        await using Libp2pNode bob = await StartAsync(run, "bob", network, node => node.Listen("/memory/1").Handle(ISay.Protocol, new Said()));
        await using Libp2pNode alice = await StartAsync(run, "alice", network);
        await alice.Peers.AddAddressesAsync(bob.PeerId, [Multiaddress.Parse("/memory/1")], AddressSource.Configured, TimeSpan.FromHours(1), default);
        ISay ask = alice.Client(ISay.Protocol, bob.PeerId);

        for (int steps = 0; steps < 40; steps++)
        {
            using CancellationTokenSource source = new();
            Task<string> call = ask.SayAsync("hello", source.Token).AsTask();
            for (int i = 0; i < steps && !call.IsCompleted; i++)
            {
                await Task.Yield();
            }

            source.Cancel();
            try
            {
                run.Log(await call);
            }
            catch (OperationCanceledException)
            {
                run.Log("cancelled");
            }

            if (steps % 4 == 3 && alice.Connections is [IPeerConnection open, ..])
            {
                await open.CloseAsync();
            }
        }

        run.Log(await ask.SayAsync("still there"));
        await alice.DisposeAsync();
        await bob.DisposeAsync();
        run.Log($"{alice.GetState().Usage} {bob.GetState().Usage}");
        Assert.Equal(default, alice.GetState().Usage);
        Assert.Equal(default, bob.GetState().Usage);
    });

    internal static Task<Libp2pNode> StartAsync(
        SimulationRun run, string name, MemoryNetwork network, Action<NodeBuilder>? configure = null, Func<ILinkTransport, ILinkTransport>? over = null)
    {
        NodeSeams seams = run.Node(name);
        return Libp2pNode.StartAsync(node =>
        {
            node.Seams(seams).Identity(PrivateKey.GenerateEd25519(seams.Random, CryptoEngine.Default));
            MemoryTransport memory = new(network, seams.Scheduler);
            node.WithoutDefaultTransports().Transport(_ => over?.Invoke(memory) ?? memory);
            configure?.Invoke(node);
        });
    }

    private static async Task WatchAsync(SimulationRun run, Libp2pNode node)
    {
        using IEventSubscription<NodeEvent> events = node.Events.Subscribe<NodeEvent>();
        await foreach (NodeEvent happened in events)
        {
            run.Log(happened switch
            {
                ConnectionOpened opened => $"opened {opened.Connection.Id} {opened.Connection.RemotePeer}",
                ConnectionClosed closed => $"closed {closed.Connection.Id}: {closed.Reason}",
                _ => happened.GetType().Name,
            });
        }
    }
}
