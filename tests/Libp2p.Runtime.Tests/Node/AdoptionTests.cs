using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Security;
using Libp2p.Services;
using Libp2p.Simulation;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Host;

/// <summary>Links that something else made belong to the node from the moment it takes them over, also while it ends.</summary>
public sealed class AdoptionTests
{
    public static TheoryData<ulong> Seeds => [.. Enumerable.Range(0, 10).Select(seed => (ulong)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_link_that_is_being_upgraded_ends_with_the_node(ulong seed) => SimulationRun.Replay(seed, async run =>
    {
        Facets facets = new();
        Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", new MemoryNetwork(), node => node.Use(facets));
        (MemoryLink ours, MemoryLink silent) = CreatePair(run);
        Task adopting = AdoptAsync(facets, ours);
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);

        await alice.DisposeAsync();

        ConnectionClosedException closing = await Assert.ThrowsAsync<ConnectionClosedException>(() => adopting);
        Assert.Equal(ErrorCode.Shutdown, closing.Reason.Code);
        Assert.Equal((default, 0), (alice.GetState().Usage, alice.RunningTasks));
        await EndsAsync(silent);
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_node_that_ends_or_has_ended_takes_no_link_over(ulong seed) => SimulationRun.Replay(seed, async run =>
    {
        Facets alices = new(), bobs = new();
        Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", new MemoryNetwork(), node => node.Use(alices));
        await using Libp2pNode bob = await SimulatedNodesTests.StartAsync(run, "bob", new MemoryNetwork(), node => node.Use(bobs));
        (MemoryLink ours, MemoryLink theirs) = CreatePair(run);
        Task<IPeerConnection> adopting = bobs.Node.Dialer.AdoptAsync(
            theirs, new Adoption(Direction.Inbound, ExpectedPeer.Exactly(alice.PeerId)), default).AsTask();
        IPeerConnection connection = await AdoptAsync(alices, ours);
        await adopting;

        Task ending = alice.DisposeAsync().AsTask();
        await connection.Completion; // the table has closed what it had
        (MemoryLink late, MemoryLink silent) = CreatePair(run);
        await Assert.ThrowsAsync<ConnectionClosedException>(() => AdoptAsync(alices, late));
        await ending;
        (MemoryLink later, MemoryLink alsoSilent) = CreatePair(run);
        await Assert.ThrowsAsync<ConnectionClosedException>(() => AdoptAsync(alices, later));

        Assert.Equal((default, 0), (alice.GetState().Usage, alice.RunningTasks));
        await EndsAsync(silent);
        await EndsAsync(alsoSilent);
    });

    [Fact]
    public void A_link_that_finds_no_room_is_ended() => SimulationRun.Replay(1, async run =>
    {
        Facets facets = new();
        await using Libp2pNode full = await SimulatedNodesTests.StartAsync(
            run, "full", new MemoryNetwork(), node => node.Use(facets).Options(new NodeOptions { Limits = new ResourceLimits { Connections = 0 } }));
        (MemoryLink ours, MemoryLink silent) = CreatePair(run);

        await Assert.ThrowsAsync<LimitExceededException>(() => AdoptAsync(facets, ours));

        await EndsAsync(silent);
    });

    private static Task<IPeerConnection> AdoptAsync(Facets facets, MemoryLink link) =>
        facets.Node.Dialer.AdoptAsync(link, new Adoption(Direction.Outbound, ExpectedPeer.Anyone), default).AsTask();

    private static (MemoryLink Ours, MemoryLink Theirs) CreatePair(SimulationRun run) =>
        MemoryLink.CreatePair(run.Scheduler, run.Scheduler, Multiaddress.Parse("/memory/7"), Multiaddress.Parse("/memory/8"));

    /// <summary>The other end of a link learns that it has ended.</summary>
    private static async Task EndsAsync(MemoryLink link)
    {
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true)
            {
                ReadResult read = await link.Input.ReadAsync();
                link.Input.AdvanceTo(read.Buffer.End);
            }
        });
    }
}
