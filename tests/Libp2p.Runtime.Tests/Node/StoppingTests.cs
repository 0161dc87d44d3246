using Libp2p.Connections;
using Libp2p.Simulation;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Host;

/// <summary>Stopping waits for what ends, and for nothing that does not.</summary>
public sealed class StoppingTests
{
    public static TheoryData<ulong, bool> Seeds
    {
        get
        {
            TheoryData<ulong, bool> data = [];
            for (ulong seed = 0; seed < 5; seed++)
            {
                data.Add(seed, true);
                data.Add(seed, false);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Long_lived_streams_of_ours_end_first(ulong seed, bool isPinned) => SimulationRun.Replay(seed, async run =>
    {
        MemoryNetwork network = new();
        Poured poured = new();
        await using Libp2pNode bob = await SimulatedNodesTests.StartAsync(run, "bob", network, node => node.Listen("/memory/1").Handle(IPour.Protocol, poured));
        Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", network);
        IPeerConnection connection = await alice.ConnectAsync(bob.Addresses[0]);
        IPour client = isPinned ? connection.Client(IPour.Protocol) : alice.Client(IPour.Protocol, bob.PeerId);
        MessageWriter<string> writer = await client.OpenPourAsync(static _ => ["hello"]);
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);
        long started = run.Time.GetTimestamp();

        await alice.StopAsync();

        Assert.InRange(run.Time.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal(["hello"], poured.Told);
        await Assert.ThrowsAsync<ConnectionClosedException>(async () => await writer.WriteAsync("late"));
        await writer.DisposeAsync();
        Assert.Equal((default, 0), (alice.GetState().Usage, alice.RunningTasks));
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_stream_without_an_end_is_cut_off_when_the_time_for_draining_is_over(ulong seed, bool isOurs) => SimulationRun.Replay(seed, async run =>
    {
        MemoryNetwork network = new();
        Libp2pNode bob = await SimulatedNodesTests.StartAsync(run, "bob", network, node => node.Listen("/memory/1").Handle(BytesHandler.Echo));
        Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", network);
        P2PStream open = await (await alice.ConnectAsync(bob.Addresses[0])).OpenStreamAsync(new StreamRequest(["/bytes/echo"]), CancellationToken.None);
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);
        Libp2pNode stopping = isOurs ? alice : bob;
        long started = run.Time.GetTimestamp();

        await stopping.StopAsync();

        Assert.InRange(run.Time.GetElapsedTime(started), new NodeOptions().DrainTimeout, new NodeOptions().DrainTimeout + TimeSpan.FromSeconds(1));
        Assert.True(open.Aborted.IsCancellationRequested);
        await open.DisposeAsync();
        Assert.Equal((default, 0), (stopping.GetState().Usage, stopping.RunningTasks));
        await alice.DisposeAsync();
        await bob.DisposeAsync();
    });
}
