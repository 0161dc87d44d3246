using Libp2p.Connections;
using Libp2p.Node.State;
using Libp2p.Security;
using Libp2p.Services;
using Libp2p.Simulation;
using Libp2p.Tests.Host;
using Libp2p.Transports;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Node.Dialing;

/// <summary>Dials that need a dial: circuits, none of whose relays is connected, take all places that dial attempts have.</summary>
public sealed class NestedDialTests
{
    private const int Circuits = 64;

    public static TheoryData<int> Places => [new NodeOptions().MaxConcurrentDialAttempts, 4, 1];

    [Theory]
    [MemberData(nameof(Places))]
    public void Sixty_four_circuits_over_unconnected_relays_do_not_wait_for_each_other(int places) => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        List<Libp2pNode> relays = [];
        List<Libp2pNode> targets = [];
        for (int i = 0; i < Circuits; i++)
        {
            relays.Add(await StartAsync(run, network, $"relay {i}", $"/memory/{100 + i}"));
            targets.Add(await StartAsync(run, network, $"target {i}", $"/memory/{200 + i}"));
        }

        await using Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", network, node => node
            .Options(new NodeOptions { MaxConcurrentDialAttempts = places })
            .Transport(context => new CircuitTransport(context, new MemoryTransport(network, run.Scheduler), places)));
        TimeSpan started = run.Time.Elapsed;
        IPeerConnection[] connections = await Task.WhenAll(Enumerable.Range(0, Circuits)
            .Select(i => alice.ConnectAsync(CircuitTransport.Address(i, relays[i].PeerId).WithPeer(targets[i].PeerId)).AsTask()));

        Assert.Equal(targets.Select(target => target.PeerId), connections.Select(connection => connection.RemotePeer));
        Assert.Equal(2 * Circuits, alice.Connections.Count); // each relay, and each target
        Assert.Equal(TimeSpan.Zero, run.Time.Elapsed - started); // nothing waited for a time to be over
        NodeState state = alice.GetState();
        Assert.Equal((0, 0), (state.DialAttempts.Running, state.DialAttempts.Waiting));

        foreach (Libp2pNode node in relays.Concat(targets))
        {
            await node.DisposeAsync();
        }
    });

    [Fact]
    public void A_transport_that_dials_on_behalf_of_itself_is_stopped_four_levels_deep() => SimulationRun.Replay(1, async run =>
    {
        SelfDialling? transport = null;
        await using Libp2pNode alice = await SimulatedNodesTests.StartAsync(
            run, "alice", new MemoryNetwork(), node => node.Transport(context => transport = new SelfDialling(context)));

        DialException failed = await Assert.ThrowsAsync<DialException>(() => alice.ConnectAsync(SelfDialling.Request(null)).AsTask());

        Assert.Equal(4, transport!.Dials);
        Assert.IsType<ArgumentException>(Innermost(failed));
        Assert.Equal((0, 0), (alice.GetState().DialAttempts.Running, alice.GetState().DialAttempts.Waiting));
    });

    private static Exception Innermost(Exception failure) =>
        (failure as DialException)?.Attempts is [{ Cause: { } cause }] ? Innermost(cause) : failure;

    private static Task<Libp2pNode> StartAsync(SimulationRun run, MemoryNetwork network, string name, string address) =>
        SimulatedNodesTests.StartAsync(run, name, network, node => node.Listen(address).Handle(ISay.Protocol, new Said()));

    /// <summary>
    /// What a relay's transport does with dials: it needs a connection to the relay first. It waits for one until all places are taken by
    /// circuits, so that none is left for a relay.
    /// </summary>
    private sealed class CircuitTransport(NodeContext node, ILinkTransport memory, int places) : ILinkTransport
    {
        private readonly TaskCompletionSource _allPlacesAreTaken = new();
        private int _circuits;

        public string Name => "circuit";

        public static Multiaddress Address(int number, PeerId relay) => Multiaddress.Parse($"/memory/{100 + number}/p2p/{relay}/p2p-circuit");

        public bool CanDial(Multiaddress address) => address.ToString().EndsWith("/p2p-circuit", StringComparison.Ordinal);

        public bool CanListen(Multiaddress address) => false;

        public async ValueTask<IByteLink> DialAsync(TransportDial dial, CancellationToken cancellationToken)
        {
            if (++_circuits == places)
            {
                _allPlacesAreTaken.SetResult();
            }

            await _allPlacesAreTaken.Task;
            string[] parts = dial.Address.ToString().Split('/'); // "", memory, number, p2p, relay, p2p-circuit
            await node.Dialer.ConnectAsync(
                new DialRequest
                {
                    ExpectedPeer = ExpectedPeer.Exactly(PeerId.Parse(parts[4])),
                    Addresses = [Multiaddress.Parse($"/memory/{parts[2]}")],
                    OnBehalfOf = dial.Place,
                },
                cancellationToken);
            int number = int.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture);
            return await memory.DialAsync(dial with { Address = Multiaddress.Parse($"/memory/{number + 100}") }, cancellationToken);
        }

        public ValueTask<ITransportListener<IByteLink>> ListenAsync(Multiaddress address, CancellationToken cancellationToken) =>
            throw new NotSupportedException("Nobody listens on a circuit here.");
    }

    /// <summary>A transport with a fault: to dial anything it dials something of its own.</summary>
    private sealed class SelfDialling(NodeContext node) : ILinkTransport
    {
        public string Name => "self-dialling";

        public int Dials { get; private set; }

        public static DialRequest Request(DialPlace? place) => new()
        {
            ExpectedPeer = ExpectedPeer.Anyone,
            Addresses = [Multiaddress.Parse("/memory/1/p2p-circuit")],
            OnBehalfOf = place,
            IgnoreBackoff = true,
        };

        public bool CanDial(Multiaddress address) => address.ToString().EndsWith("/p2p-circuit", StringComparison.Ordinal);

        public bool CanListen(Multiaddress address) => false;

        public async ValueTask<IByteLink> DialAsync(TransportDial dial, CancellationToken cancellationToken)
        {
            if (++Dials < 10)
            {
                await node.Dialer.ConnectAsync(Request(dial.Place), cancellationToken);
            }

            throw new IOException("It goes on without an end.");
        }

        public ValueTask<ITransportListener<IByteLink>> ListenAsync(Multiaddress address, CancellationToken cancellationToken) =>
            throw new NotSupportedException("Nobody listens here.");
    }
}
