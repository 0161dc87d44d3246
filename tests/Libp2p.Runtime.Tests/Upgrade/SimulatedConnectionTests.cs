using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Muxers;
using Libp2p.Negotiation;
using Libp2p.Scheduling;
using Libp2p.Security.Noise;
using Libp2p.Simulation;
using Libp2p.TestKit;
using Libp2p.Tests.Muxers;

namespace Libp2p.Tests.Upgrade;

/// <summary>
/// From the first byte of a link to lazily negotiated streams, on the deterministic queue: everything stays on the node's scheduler,
/// and a seed replays it, whoever comes first and whoever is cancelled.
/// </summary>
public sealed class SimulatedConnectionTests
{
    public static TheoryData<ulong> Seeds => [.. Enumerable.Range(0, 40).Select(seed => (ulong)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void An_upgrade_and_traffic_replay(ulong seed) => SimulationRun.Replay(seed, async run =>
    {
        MemoryLinkPair pair = new(run.Scheduler, pauseAt: 4096);
        Task<UpgradedConnection> responding = UpgradeAsync(run.Node("bob"), pair.Second, ConnectionRole.Responder, 2);
        UpgradedConnection first = await UpgradeAsync(run.Node("alice"), pair.First, ConnectionRole.Initiator, 1);
        UpgradedConnection second = await responding;
        run.Log($"{first.Security.RemotePeer} {second.Security.RemotePeer} {first.Muxer}");

        IByteLink alice = ((StubConnection)first.Muxed).Link;
        IByteLink bob = ((StubConnection)second.Muxed).Link;
        Task writing = run.Start("writer", () => RandomTraffic.WriteAsync(alice.Output, 100_000, seed));
        Task reading = run.Start("reader", () => RandomTraffic.ReadAsync(bob.Input, 100_000, seed));
        await writing;
        await reading;
        await first.DisposeAsync();
        await second.DisposeAsync();
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void An_upgrade_that_is_cancelled_while_it_waits_replays(ulong seed) => SimulationRun.Replay(seed, async run =>
    {
        MemoryLinkPair pair = new(run.Scheduler);
        using CancellationTokenSource source = new(TimeSpan.FromSeconds(1), run.Time);
        Upgrader upgrader = Upgrader(run.Node("bob"), 2);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => upgrader.UpgradeAsync(pair.Second, Request(ConnectionRole.Responder), source.Token).AsTask());
        run.Log(pair.Second.AbortReason!.Reason);
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_lazy_stream_read_written_and_closed_at_once_replays(ulong seed) => SimulationRun.Replay(seed, async run =>
    {
        InMemoryStreamPair pair = new(window: 24); // the proposal waits for room, a header alone does not
        LazyNegotiatedStream lazy = new(pair.Initiator, "/a", run.Time);
        Task reading = run.Start("reader", async () => run.Log(Convert.ToHexString(await lazy.Input.ReadToEndAsync())));
        Task writing = run.Start("writer", async () =>
        {
            await lazy.Output.WriteAsync(new byte[] { 1, 2, 3 });
            await lazy.CloseWriteAsync(CancellationToken.None);
        });
        Task serving = run.Start("responder", async () =>
        {
            Assert.NotNull(await MultistreamSelect.RespondAsync(pair.Responder, Table(), CancellationToken.None));
            run.Log(Convert.ToHexString(await pair.Responder.Input.ReadToEndAsync()));
            await pair.Responder.Output.WriteAsync(new byte[] { 4, 5 });
            await pair.Responder.CloseWriteAsync(CancellationToken.None);
        });

        await reading;
        await writing;
        await serving;
        await lazy.DisposeAsync();
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_lazy_stream_whose_waits_are_cancelled_replays(ulong seed) => SimulationRun.Replay(seed, async run =>
    {
        InMemoryStreamPair pair = new(window: 24);
        LazyNegotiatedStream lazy = new(pair.Initiator, "/a", run.Time, TimeSpan.FromSeconds(3));
        using CancellationTokenSource reader = new(TimeSpan.FromSeconds(1), run.Time);
        using CancellationTokenSource closer = new(TimeSpan.FromSeconds(2), run.Time);
        Task reading = run.Start("reader", () => CancelledAsync(async () => await lazy.Input.ReadAsync(reader.Token)));
        Task closing = run.Start("closer", () => CancelledAsync(async () => await lazy.CloseWriteAsync(closer.Token)));
        await reading;
        await closing;
        await lazy.DisposeAsync(); // nobody ever answers
        run.Log(lazy.End!.ToString());
    });

    private static async Task CancelledAsync(Func<Task> wait) => await Assert.ThrowsAnyAsync<OperationCanceledException>(wait);

    private static ProtocolTable<int> Table() => new([new Agreed<int>("/a", 1)]);

    private static Upgrader Upgrader(NodeSeams seams, ulong identity) => new(
        [new NoiseSecurity(CryptoEngine.Default, TestIdentity.Verifier, seams.Random)],
        [new StubMuxer("/yamux/1.0.0")],
        TestIdentity.Ed25519(identity),
        seams);

    private static UpgradeRequest Request(ConnectionRole role) => new(role, Libp2p.Security.ExpectedPeer.Anyone, new TestScope());

    private static async Task<UpgradedConnection> UpgradeAsync(NodeSeams seams, IByteLink link, ConnectionRole role, ulong identity) =>
        await Upgrader(seams, identity).UpgradeAsync(link, Request(role), CancellationToken.None);
}
