using Google.Protobuf;
using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Protocols.Identify;
using Libp2p.Protocols.Ping;
using Libp2p.Simulation;
using Libp2p.TestKit.Telemetry;
using Libp2p.Transports.Memory;

namespace Libp2p.Protocols.Tests.Identify;

/// <summary>What identify leaves in the node: addresses by their worth, states for new subscribers, and what does not fit.</summary>
public sealed class IdentifyStateTests
{
    [Fact]
    public void Addresses_of_a_connected_peer_outlive_their_time_and_have_it_again_afterwards() => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        await using Libp2pNode bob = await IdentifyScene.StartAsync(run, "bob", network, node => node.Listen("/memory/1"));
        await using Libp2pNode alice = await IdentifyScene.StartAsync(run, "alice", network);
        IPeerConnection connection = await alice.ConnectAsync(bob.Addresses[0]);
        await Task.Delay(TimeSpan.FromHours(3), run.Time);
        Assert.NotEmpty((await alice.Peers.GetAsync(bob.PeerId, default))!.Addresses);

        await connection.CloseAsync();
        await Task.Delay(TimeSpan.FromMinutes(59), run.Time);
        Assert.NotEmpty((await alice.Peers.GetAsync(bob.PeerId, default))!.Addresses);
        await Task.Delay(TimeSpan.FromMinutes(2), run.Time);
        Assert.Empty((await alice.Peers.GetAsync(bob.PeerId, default))!.Addresses);
    });

    [Fact]
    public void A_kept_peer_that_was_away_for_longer_than_its_addresses_live_is_found_again() => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        PrivateKey key = PrivateKey.GenerateEd25519(run.Random, CryptoEngine.Default);
        Libp2pNode bob = await IdentifyScene.StartAsync(run, "bob", network, node => node.Listen("/memory/1").Identity(key));
        await using Libp2pNode alice = await IdentifyScene.StartAsync(run, "alice", network);
        await alice.ConnectAsync(bob.Addresses[0]);
        await using KeptPeer kept = alice.KeepConnected(bob.PeerId);
        await Task.Delay(TimeSpan.FromSeconds(10), run.Time);
        Assert.NotNull(kept.Connection);
        await bob.DisposeAsync();
        await Task.Delay(TimeSpan.FromHours(5), run.Time);
        Assert.Null(kept.Connection);

        await using Libp2pNode again = await IdentifyScene.StartAsync(run, "bob again", network, node => node.Listen("/memory/1").Identity(key));
        await Task.Delay(TimeSpan.FromMinutes(10), run.Time);
        Assert.NotNull(kept.Connection);
    });

    [Fact]
    public void A_newer_record_replaces_an_older_one_and_what_is_not_signed_replaces_nothing() => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        PrivateKey key = PrivateKey.GenerateEd25519(run.Random, CryptoEngine.Default);
        KeyPairSigner signer = new(key);
        await using Libp2pNode bob = await IdentifyScene.StartAsync(run, "bob", network, node => node.Identity(key));
        await using Libp2pNode alice = await IdentifyScene.StartAsync(run, "alice", network, node => node.Listen("/memory/9"));
        IPeerConnection connection = await bob.ConnectAsync(alice.Addresses[0]);
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);

        await PushAsync(10, "/memory/7");
        await PushAsync(12, "/memory/8");
        await PushAsync(11, "/memory/6");
        await connection.Client(IIdentifyPush.Protocol).PushAsync(new IdentifyMessage { ListenAddrs = { ByteString.CopyFrom(Multiaddress.Parse("/memory/5").Bytes) } });
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);

        Assert.Equal(
            [("/memory/8", AddressSource.Certified), ("/memory/5", AddressSource.Announced)],
            (await alice.Peers.GetAsync(bob.PeerId, default))!.Addresses.Select(known => (known.Address.ToString(), known.Source)));

        // Numbers above those of bob's own records, which come from the clock.
        async Task PushAsync(ulong sequence, string address)
        {
            SignedEnvelope envelope = await new PeerRecord(bob.PeerId, (ulong.MaxValue / 2) + sequence, [Multiaddress.Parse(address)]).SealAsync(signer);
            await connection.Client(IIdentifyPush.Protocol).PushAsync(new IdentifyMessage { SignedPeerRecord = ByteString.CopyFrom(envelope.ToBytes()) });
            await Task.Delay(TimeSpan.FromSeconds(1), run.Time);
        }
    });

    [Fact]
    public void Who_subscribes_later_is_told_what_peers_said_while_they_are_connected() => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        await using Libp2pNode bob = await IdentifyScene.StartAsync(
            run, "bob", network, node => node.Listen("/memory/1").Handle(IPing.Protocol, new PingHandler()), at: "/ip4/198.50.100.1/tcp/1");
        await using Libp2pNode alice = await IdentifyScene.StartAsync(run, "alice", network);
        IPeerConnection connection = await alice.ConnectAsync(bob.Addresses[0]);
        await Task.Delay(TimeSpan.FromSeconds(30), run.Time);

        using IEventSubscription<NodeEvent> during = alice.Events.Subscribe<NodeEvent>();
        await connection.CloseAsync();
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);
        using IEventSubscription<NodeEvent> after = alice.Events.Subscribe<NodeEvent>();
        await alice.DisposeAsync();

        List<NodeEvent> told = await RestAsync(during);
        Assert.Contains(IPing.Protocol.Ids[0], Assert.Single(told.OfType<PeerIdentified>()).Description.Protocols);
        Assert.Contains(IPing.Protocol.Ids[0], Assert.Single(told.OfType<PeerProtocolsChanged>()).Protocols);
        Assert.Equal(connection, Assert.Single(told.OfType<ConnectionOpened>()).Connection);
        Assert.DoesNotContain(await RestAsync(after), one => one is PeerIdentified or PeerProtocolsChanged or AddressObserved or ConnectionOpened);
    });

    [Fact]
    public void What_does_not_fit_is_warned_of_once_and_shown_in_the_state() => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        using LogProbe log = new();
        IdentifyService identify = new(IdentifyScene.Options);
        await using Libp2pNode bob = await IdentifyScene.StartAsync(run, "bob", network, node =>
        {
            node.Listen("/memory/1").Logging(log);
            for (int i = 0; i < 120; i++)
            {
                node.Handle(new NothingHandler($"/company/department/service-{i:000}/1.0.0"));
            }
        });
        await using Libp2pNode alice = await IdentifyScene.StartAsync(run, "alice", network);
        using IEventSubscription<PeerIdentified> identified = alice.Events.Subscribe<PeerIdentified>();
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time); // that bob listens is no news any more
        await alice.ConnectAsync(bob.Addresses[0]);
        await Task.Delay(TimeSpan.FromSeconds(30), run.Time);
        bob.Handle(IPing.Protocol, new PingHandler());
        await Task.Delay(TimeSpan.FromSeconds(30), run.Time);
        await alice.DisposeAsync();

        List<PeerIdentified> told = await RestAsync(identified);
        Assert.Equal(2, told.Count);
        Assert.All(told, one =>
        {
            Assert.Contains(IIdentify.Protocol.Ids[0], one.Description.Protocols);
            Assert.Contains(IIdentifyPush.Protocol.Ids[0], one.Description.Protocols);
            Assert.NotNull(one.Description.Record);
            Assert.Equal(bob.Addresses[0].WithoutPeer(), Assert.Single(one.Description.Addresses));
        });
        Assert.Contains(IPing.Protocol.Ids[0], told[1].Description.Protocols); // libp2p's own before the application's
        Assert.Single(log.Events, logged => logged.Id == 2005);
        Assert.Contains("identify (the description leaves out", Assert.Single(bob.GetState().Services), StringComparison.Ordinal);
        Assert.True(identify.Omitted.IsNothing); // of a service that runs nowhere
    });

    [Theory]
    [InlineData(-1)]
    [InlineData(100 * 86_400)]
    public void A_pause_that_no_timer_can_hold_is_refused_by_name(int seconds)
    {
        TimeSpan pause = TimeSpan.FromSeconds(seconds);

        Assert.Equal("PushDelay", Assert.Throws<ArgumentOutOfRangeException>(() => new IdentifyService(new IdentifyOptions { PushDelay = pause })).ParamName);
        Assert.Equal("PushInterval", Assert.Throws<ArgumentOutOfRangeException>(() => new IdentifyService(new IdentifyOptions { PushInterval = pause })).ParamName);
        Assert.Equal(
            "AddressLifetime",
            Assert.Throws<ArgumentOutOfRangeException>(() => new IdentifyService(new IdentifyOptions { AddressLifetime = TimeSpan.FromSeconds(-5) })).ParamName);
    }

    private static async Task<List<TEvent>> RestAsync<TEvent>(IEventSubscription<TEvent> subscription)
        where TEvent : NodeEvent
    {
        List<TEvent> told = [];
        await foreach (TEvent one in subscription)
        {
            told.Add(one);
        }

        return told;
    }
}
