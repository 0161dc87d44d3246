using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Muxers;
using Libp2p.Node.Connections;
using Libp2p.Security;
using Libp2p.Services;
using Libp2p.Simulation;
using Libp2p.TestKit;
using Libp2p.Transports;

namespace Libp2p.Tests.Host;

/// <summary>Dialling, listening, gater, limits and close, over a transport of byte links and over one that secures and muxes by itself.</summary>
public sealed class TransportKindTests
{
    public static TheoryData<TransportKind> Kinds => [TransportKind.Links, TransportKind.Connections];

    public static TheoryData<TransportKind, string> Refusals => new()
    {
        { TransportKind.Links, "dial" },
        { TransportKind.Links, "accept" },
        { TransportKind.Links, "secured" },
        { TransportKind.Links, "upgraded" },
        { TransportKind.Connections, "dial" },
        { TransportKind.Connections, "accept" },
        { TransportKind.Connections, "secured" },
        { TransportKind.Connections, "upgraded" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_connection_carries_streams_and_says_what_it_is(TransportKind kind) => SimulationRun.Replay(1, async run =>
    {
        TransportKindScene scene = new(run, kind);
        Libp2pNode alice = await scene.StartAsync("alice"), bob = await scene.StartAsync("bob");
        IPeerConnection connection = await alice.ConnectAsync(bob.Addresses[0]);
        await EchoAsync(connection);

        Assert.Equal((bob.PeerId, Direction.Outbound), (connection.RemotePeer, connection.Direction));
        bool agrees = kind == TransportKind.Links;
        Assert.Equal((agrees, agrees), (connection.Security is not null, connection.Muxer is not null));
        MuxerCapabilities capabilities = ((PeerConnection)connection).Muxed.Capabilities;
        Assert.Equal(!agrees, capabilities.HasFlag(MuxerCapabilities.StopSending));
        Assert.True(capabilities.HasFlag(MuxerCapabilities.HalfClose | MuxerCapabilities.ResetCodes));
        await TransportKindScene.EndAsync(alice, bob);
    });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Another_peer_than_the_expected_one_leaves_nothing(TransportKind kind) => SimulationRun.Replay(1, async run =>
    {
        TransportKindScene scene = new(run, kind);
        Libp2pNode alice = await scene.StartAsync("alice"), bob = await scene.StartAsync("bob");
        Multiaddress wrong = bob.Addresses[0].WithoutPeer().WithPeer(TestIdentity.Ed25519(9).PublicKey.PeerId);

        DialException failed = await Assert.ThrowsAsync<DialException>(() => alice.ConnectAsync(wrong).AsTask());

        Assert.Contains(bob.PeerId.ToString(), failed.Message, StringComparison.Ordinal);
        await scene.HoldsNothingAsync(alice, bob);
        await TransportKindScene.EndAsync(alice, bob);
    });

    [Fact]
    public void A_transport_that_does_not_check_the_expected_peer_is_found_out() => SimulationRun.Replay(1, async run =>
    {
        TransportKindScene scene = new(run, TransportKind.Connections);
        Libp2pNode alice = await scene.StartAsync("alice"), bob = await scene.StartAsync("bob");
        scene.Transports["alice"].Lie = TestIdentity.Ed25519(9).PublicKey;

        DialException failed = await Assert.ThrowsAsync<DialException>(() => alice.ConnectAsync(bob.Addresses[0]).AsTask());

        Assert.Contains(bob.PeerId.ToString(), failed.Message, StringComparison.Ordinal);
        await scene.HoldsNothingAsync(alice, bob);
        await TransportKindScene.EndAsync(alice, bob);
    });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_gater_is_asked_once_at_each_step_of_each_end(TransportKind kind) => SimulationRun.Replay(1, async run =>
    {
        TransportKindScene scene = new(run, kind);
        CountingGater dialler = new(), listener = new();
        Libp2pNode alice = await scene.StartAsync("alice", node => node.Gater(dialler));
        Libp2pNode bob = await scene.StartAsync("bob", node => node.Gater(listener));
        await EchoAsync(await alice.ConnectAsync(bob.Addresses[0]));

        Assert.Equal((1, 0, 1, 1), (dialler["dial"], dialler["accept"], dialler["secured"], dialler["upgraded"]));
        Assert.Equal((0, 1, 1, 1), (listener["dial"], listener["accept"], listener["secured"], listener["upgraded"]));
        await TransportKindScene.EndAsync(alice, bob);
    });

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_a_gater_refuses_leaves_nothing_at_either_end(TransportKind kind, string step) => SimulationRun.Replay(1, async run =>
    {
        TransportKindScene scene = new(run, kind);
        CountingGater gater = new(step);
        bool isListeners = step == "accept";
        Libp2pNode alice = await scene.StartAsync("alice", node => _ = isListeners ? node : node.Gater(gater));
        Libp2pNode bob = await scene.StartAsync("bob", node => _ = isListeners ? node.Gater(gater) : node);

        await Assert.ThrowsAsync<DialException>(() => alice.ConnectAsync(bob.Addresses[0]).AsTask());

        Assert.Equal(1, gater[step]);
        await scene.HoldsNothingAsync(alice, bob);
        await TransportKindScene.EndAsync(alice, bob);
    });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_the_listeners_gater_refuses_late_ends_with_its_code_at_the_dialler(TransportKind kind) => SimulationRun.Replay(1, async run =>
    {
        TransportKindScene scene = new(run, kind);
        Libp2pNode alice = await scene.StartAsync("alice");
        Libp2pNode bob = await scene.StartAsync("bob", node => node.Gater(new CountingGater("upgraded")));
        IPeerConnection connection = await alice.ConnectAsync(bob.Addresses[0]);

        EndReason reason = await connection.Completion;

        Assert.Equal((EndedBy.Remote, ErrorCode.Gated), (reason.By, reason.Code));
        await scene.HoldsNothingAsync(alice, bob);
        await TransportKindScene.EndAsync(alice, bob);
    });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_connection_beyond_the_ceiling_is_refused_and_gives_its_place_back(TransportKind kind) => SimulationRun.Replay(1, async run =>
    {
        TransportKindScene scene = new(run, kind);
        NodeOptions single = new() { Limits = new ResourceLimits { Connections = 1 } };
        Libp2pNode alice = await scene.StartAsync("alice"), carol = await scene.StartAsync("carol");
        Libp2pNode bob = await scene.StartAsync("bob", node => node.Options(single));
        IPeerConnection first = await alice.ConnectAsync(bob.Addresses[0]);
        await EchoAsync(first);

        try
        {
            await (await carol.ConnectAsync(bob.Addresses[0])).Completion;
        }
        catch (DialException)
        {
            // Refused before its handshake was over.
        }

        Assert.Single(bob.Connections);
        await EchoAsync(first);
        await first.CloseAsync();
        await scene.HoldsNothingAsync(alice, bob, carol);
        await EchoAsync(await carol.ConnectAsync(bob.Addresses[0]));
        await TransportKindScene.EndAsync(alice, bob, carol);
    });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_close_carries_its_code_and_reason(TransportKind kind) => SimulationRun.Replay(1, async run =>
    {
        TransportKindScene scene = new(run, kind);
        Libp2pNode alice = await scene.StartAsync("alice"), bob = await scene.StartAsync("bob");
        IPeerConnection here = await alice.ConnectAsync(bob.Addresses[0]);
        await EchoAsync(here);
        IPeerConnection there = Assert.Single(bob.Connections);
        await here.CloseAsync(ErrorCode.Shutdown, "Enough");

        EndReason ours = await here.Completion, theirs = await there.Completion;
        Assert.Equal((EndedBy.Local, ErrorCode.Shutdown, "Enough"), (ours.By, ours.Code, ours.Reason));
        Assert.Equal((EndedBy.Remote, ErrorCode.Shutdown), (theirs.By, theirs.Code));
        await scene.HoldsNothingAsync(alice, bob);
        await TransportKindScene.EndAsync(alice, bob);
    });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_dial_that_is_cancelled_at_any_step_leaves_nothing(TransportKind kind)
    {
        for (int steps = 0; steps < 80; steps += 1)
        {
            SimulationRun simulation = new(seed: 0);
            simulation.Run(async () =>
            {
                TransportKindScene scene = new(simulation, kind);
                Libp2pNode alice = await scene.StartAsync("alice"), bob = await scene.StartAsync("bob");
                using CancellationTokenSource source = new();
                Task<IPeerConnection> dialling = alice.ConnectAsync(bob.Addresses[0], source.Token).AsTask();
                for (int i = 0; i < steps && !dialling.IsCompleted; i++)
                {
                    await Task.Yield();
                }

                source.Cancel();
                try
                {
                    await dialling;
                }
                catch (OperationCanceledException)
                {
                    // The token came first, or while the connection was being handed over.
                }

                foreach (IPeerConnection open in alice.Connections)
                {
                    await open.CloseAsync();
                }

                await scene.HoldsNothingAsync(alice, bob);
                await EchoAsync(await alice.ConnectAsync(bob.Addresses[0]));
                await TransportKindScene.EndAsync(alice, bob);
            });
        }
    }

    [Fact]
    public void Addresses_that_a_listener_changes_are_announced_and_a_node_that_ended_listens_to_no_change() => SimulationRun.Replay(1, async run =>
    {
        TransportKindScene scene = new(run, TransportKind.Connections);
        Libp2pNode node = await scene.StartAsync("node");
        SelfSecuringListener listener = Assert.Single(scene.Transports["node"].Listeners);
        using IEventSubscription<AddressesChanged> changes = node.Events.Subscribe<AddressesChanged>();
        await using IAsyncEnumerator<AddressesChanged> reading = changes.GetAsyncEnumerator();
        Assert.True(await reading.MoveNextAsync());
        Assert.Equal(listener.Addresses, reading.Current.Addresses);

        Multiaddress[] now = [Multiaddress.Parse("/ip4/192.0.2.1/udp/4001/quic-v1"), Multiaddress.Parse("/ip4/192.0.2.2/udp/4001/quic-v1")];
        listener.Change(now);

        Assert.True(await reading.MoveNextAsync());
        Assert.Equal(now, reading.Current.Addresses);
        Assert.Equal(now.Select(address => address.WithPeer(node.PeerId)), node.Addresses);
        await TransportKindScene.EndAsync(node);
        Assert.Equal((false, true), (listener.IsWatched, listener.IsDisposed));
    });

    [Fact]
    public void A_connection_that_moves_is_seen_at_its_new_address() => SimulationRun.Replay(1, async run =>
    {
        TransportKindScene scene = new(run, TransportKind.Connections);
        Libp2pNode alice = await scene.StartAsync("alice"), bob = await scene.StartAsync("bob");
        IPeerConnection here = await alice.ConnectAsync(bob.Addresses[0]);
        await EchoAsync(here);
        IPeerConnection there = Assert.Single(bob.Connections);
        Multiaddress elsewhere = Multiaddress.Parse("/ip4/192.0.2.7/udp/5000/quic-v1");

        ((SelfSecuredConnection)((PeerConnection)here).Muxed).MoveTo(elsewhere);

        Assert.Equal((elsewhere, elsewhere), (here.LocalAddress, there.RemoteAddress));
        Assert.Equal(elsewhere, Assert.Single(bob.GetState().Connections).RemoteAddress);
        await EchoAsync(here);
        await TransportKindScene.EndAsync(alice, bob);
    });

    [Fact]
    public void A_connection_that_is_secured_already_is_adopted_or_ended_with_the_reason_it_was_not() => SimulationRun.Replay(1, async run =>
    {
        TransportKindScene scene = new(run, TransportKind.Connections);
        Facets facets = new();
        Libp2pNode alice = await scene.StartAsync("alice", node => node.Use(facets)), bob = await scene.StartAsync("bob");
        ConnectionAdmission admission = TransportDials.AdmitsAll;
        TransportDial dial = new(bob.Addresses[0].WithoutPeer(), ExpectedPeer.Exactly(bob.PeerId), admission);

        UpgradedConnection made = await scene.Transports["alice"].DialAsync(dial, default);
        IPeerConnection adopted = await facets.Node.Dialer.AdoptAsync(made, new Adoption(Direction.Outbound, ExpectedPeer.Exactly(bob.PeerId)), default);
        await EchoAsync(adopted);
        await adopted.CloseAsync();

        UpgradedConnection other = await scene.Transports["alice"].DialAsync(dial, default);
        Adoption mistaken = new(Direction.Outbound, ExpectedPeer.Exactly(alice.PeerId));
        await Assert.ThrowsAsync<HandshakeException>(() => facets.Node.Dialer.AdoptAsync(other, mistaken, default).AsTask());
        await other.Muxed.Completion;

        await scene.HoldsNothingAsync(alice, bob);
        await TransportKindScene.EndAsync(alice, bob);
    });

    private static async Task EchoAsync(IPeerConnection connection)
    {
        await using P2PStream stream = await connection.OpenStreamAsync(["/bytes/echo"]);
        await stream.Output.WriteAsync("hello"u8.ToArray());
        await stream.CloseWriteAsync();
        Assert.Equal("hello"u8.ToArray(), await stream.Input.ReadToEndAsync());
    }
}
