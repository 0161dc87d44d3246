using System.Runtime.CompilerServices;
using Libp2p.Crypto;
using Libp2p.Negotiation;
using Libp2p.Protocols.Echo;
using Libp2p.Protocols.Identify;
using Libp2p.Protocols.Ping;
using Libp2p.Services;
using Libp2p.Simulation;
using Libp2p.TestKit.Telemetry;
using Libp2p.Transports.Memory;

namespace Libp2p.Protocols.Tests.Identify;

/// <summary>Whom a change is told, and what a failure costs: in virtual time, changes gathered for a second.</summary>
public sealed class IdentifyPushTests
{
    [Fact]
    public void Who_connects_after_a_change_asks_and_is_not_told_of_it() => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        await using Libp2pNode bob = await IdentifyScene.StartAsync(run, "bob", network, node => node.Listen("/memory/1"));
        await using Libp2pNode early = await IdentifyScene.StartAsync(run, "early", network);
        await using Libp2pNode late = await IdentifyScene.StartAsync(run, "late", network);
        Heard atEarly = new(early);
        Heard atLate = new(late);
        await Task.Delay(TimeSpan.FromSeconds(10), run.Time); // what changed while bob started is told to nobody
        await early.ConnectAsync(bob.Addresses[0]);
        await Task.Delay(TimeSpan.FromSeconds(10), run.Time);

        bob.Handle(IPing.Protocol, new PingHandler());
        await Task.Delay(TimeSpan.FromMilliseconds(500), run.Time); // the change is still being gathered
        await late.ConnectAsync(bob.Addresses[0]);
        await Task.Delay(TimeSpan.FromSeconds(10), run.Time);

        Assert.Equal(["asked", "told /ipfs/ping/1.0.0"], await atEarly.EndAsync());
        Assert.Equal(["asked /ipfs/ping/1.0.0"], await atLate.EndAsync());
    });

    [Fact]
    public void Who_connects_after_a_change_is_not_told_of_it_however_late_the_change_is_seen() => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        ChangingStore store = new(run.Time);
        Facets bobs = new();
        await using Libp2pNode bob = await IdentifyScene.StartAsync(run, "bob", network, node => node.Listen("/memory/1").PeerStore(store).Use(bobs));
        await using Libp2pNode alice = await IdentifyScene.StartAsync(run, "alice", network);
        Heard atAlice = new(alice);
        await Task.Delay(TimeSpan.FromSeconds(10), run.Time);
        store.Change = () => bobs.Node!.Addresses.Announce(Multiaddress.Parse("/memory/77")); // a moment before the connection opens

        await alice.ConnectAsync(bob.Addresses[0]);
        await Task.Delay(TimeSpan.FromSeconds(10), run.Time);

        Assert.Equal(["asked"], await atAlice.EndAsync());
    });

    [Fact]
    public void A_store_that_never_answers_is_left_behind_and_costs_its_own_question() => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        FailingStore store = new(run.Time);
        using LogProbe log = new();
        await using Libp2pNode bob = await IdentifyScene.StartAsync(run, "bob", network, node => node.Listen("/memory/1").PeerStore(store).Logging(log));
        await using Libp2pNode alice = await IdentifyScene.StartAsync(run, "alice", network);
        Heard atAlice = new(alice), atBob = new(bob);
        await Task.Delay(TimeSpan.FromSeconds(10), run.Time);
        TaskCompletionSource answer = new();
        store.Answer = answer.Task;
        await alice.ConnectAsync(bob.Addresses[0]);
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);
        bob.Handle(IPing.Protocol, new PingHandler());
        await Task.Delay(TimeSpan.FromSeconds(20), run.Time);

        Assert.Contains(bob.GetState().Abandoned, left => left.What == "The peer store");
        Assert.Contains("The peer store took longer than 5 s", log.Events.First(logged => logged.Id == 2001).Text, StringComparison.Ordinal);
        Assert.Contains("The peer store took longer than 5 s", log.Events.First(logged => logged.Id == 2003).Text, StringComparison.Ordinal);
        store.Answer = Task.CompletedTask;
        bob.Handle(IEcho.Protocol, new EchoHandler());
        await Task.Delay(TimeSpan.FromSeconds(20), run.Time);
        answer.SetResult();
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);

        Assert.Equal(["asked", "told /ipfs/ping/1.0.0 " + IEcho.Protocol.Ids[0]], await atAlice.EndAsync());
        Assert.Empty(await atBob.EndAsync());
        Assert.DoesNotContain(bob.GetState().Abandoned, left => left.What == "The peer store");
    });

    [Fact]
    public void A_store_that_fails_costs_one_push_and_not_those_to_come() => SimulationRun.Replay(1, async run =>
    {
        FailingStore store = new(run.Time);
        await OneFailsAsync(run, node => node.PeerStore(store), failing => store.IsFailing = failing);
    });

    [Fact]
    public void A_signer_that_fails_costs_one_push_and_not_those_to_come() => SimulationRun.Replay(1, async run =>
    {
        using FailingSigner signer = new(PrivateKey.GenerateEd25519(run.Random, CryptoEngine.Default));
        await OneFailsAsync(run, node => node.Identity(signer), failing => signer.IsFailing = failing);
    });

    [Fact]
    public void A_store_that_fails_while_a_peer_is_asked_is_logged_and_ends_nothing() => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        FailingStore store = new(run.Time);
        using LogProbe log = new();
        await using Libp2pNode bob = await IdentifyScene.StartAsync(run, "bob", network, node => node.Listen("/memory/1").PeerStore(store).Logging(log));
        await using Libp2pNode alice = await IdentifyScene.StartAsync(run, "alice", network);
        Heard atBob = new(bob);
        store.IsFailing = true;
        Libp2p.Connections.IPeerConnection first = await alice.ConnectAsync(bob.Addresses[0]);
        await Task.Delay(TimeSpan.FromSeconds(10), run.Time);
        store.IsFailing = false;
        await first.CloseAsync();
        await alice.ConnectAsync(bob.Addresses[0]);
        await Task.Delay(TimeSpan.FromSeconds(10), run.Time);

        Assert.Equal(["asked"], await atBob.EndAsync()); // the second time
        Assert.Contains("the database does not answer", Assert.Single(log.Events, logged => logged.Id == 2001).Text, StringComparison.Ordinal);
    });

    private static async Task OneFailsAsync(SimulationRun run, Action<NodeBuilder> configure, Action<bool> fail)
    {
        MemoryNetwork network = new();
        await using Libp2pNode bob = await IdentifyScene.StartAsync(run, "bob", network, node => configure(node.Listen("/memory/1")));
        await using Libp2pNode alice = await IdentifyScene.StartAsync(run, "alice", network);
        Heard atAlice = new(alice);
        await Task.Delay(TimeSpan.FromSeconds(10), run.Time); // what changed while bob started is told to nobody
        await alice.ConnectAsync(bob.Addresses[0]);
        await Task.Delay(TimeSpan.FromSeconds(10), run.Time);

        fail(true);
        bob.Handle(IPing.Protocol, new PingHandler());
        await Task.Delay(TimeSpan.FromSeconds(10), run.Time);
        fail(false);
        bob.Handle(IEcho.Protocol, new EchoHandler());
        await Task.Delay(TimeSpan.FromSeconds(10), run.Time);

        Assert.Equal(["asked", "told /ipfs/ping/1.0.0 " + IEcho.Protocol.Ids[0]], await atAlice.EndAsync());
        await bob.DisposeAsync(); // whose service ends without the failure
    }

    /// <summary>What a node was told by its peers, identify's own protocols left out.</summary>
    private sealed class Heard
    {
        private readonly List<string> _said = [];
        private readonly IEventSubscription<PeerIdentified> _events;
        private readonly Task _listening;

        public Heard(Libp2pNode node)
        {
            _events = node.Events.Subscribe<PeerIdentified>();
            _listening = ListenAsync();
        }

        public async Task<IReadOnlyList<string>> EndAsync()
        {
            _events.Dispose();
            await _listening;
            return _said;
        }

        private async Task ListenAsync()
        {
            await foreach (PeerIdentified identified in _events)
            {
                IEnumerable<string> spoken = identified.Description.Protocols.Where(static id => id != EarlyEnd.Id)
                    .Select(id => id.Value).Where(id => !id.StartsWith("/ipfs/id/", StringComparison.Ordinal));
                _said.Add(string.Join(' ', [identified.IsPush ? "told" : "asked", .. spoken]));
            }
        }
    }

    private sealed class FailingSigner(PrivateKey key) : IIdentitySigner, IDisposable
    {
        private readonly KeyPairSigner _signer = new(key);

        public void Dispose() => _signer.Dispose();

        public bool IsFailing { get; set; }

        public PublicKey PublicKey => _signer.PublicKey;

        public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) =>
            IsFailing ? throw new TimeoutException("the vault does not answer") : _signer.SignAsync(message, cancellationToken);
    }

    // Changes something of its node when it protects a peer: after the connection is listed, and before it is told of and served.
    private sealed class ChangingStore(TimeProvider time) : FailingStore(time), IPeerStore
    {
        public Action? Change { get; set; }

        public IDisposable Protect(PeerId peer)
        {
            Change?.Invoke();
            return new Nothing();
        }
    }

    private sealed class Facets : INodeService
    {
        public NodeContext? Node { get; private set; }

        public string Name => "facets";

        public ValueTask StartAsync(NodeContext node, CancellationToken cancellationToken)
        {
            Node = node;
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Nothing : IDisposable
    {
        public void Dispose()
        {
        }
    }

    private class FailingStore(TimeProvider time) : IPeerStore
    {
        public Task Answer { get; set; } = Task.CompletedTask;

        private readonly Dictionary<PeerId, PeerInfo> _peers = [];

        public bool IsFailing { get; set; }

        public async ValueTask<PeerInfo?> GetAsync(PeerId peer, CancellationToken cancellationToken)
        {
            await AskAsync();
            return _peers.GetValueOrDefault(peer);
        }

        public async ValueTask AddAddressesAsync(
            PeerId peer, IReadOnlyList<Multiaddress> addresses, AddressSource source, TimeSpan lifetime, CancellationToken cancellationToken)
        {
            await AskAsync();
            DateTimeOffset expires = time.GetUtcNow() + lifetime;
            _peers[peer] = new PeerInfo(peer, [.. addresses.Select(address => new PeerAddress(address, source, expires))], _peers.GetValueOrDefault(peer)?.Protocols ?? []);
        }

        public async ValueTask SetProtocolsAsync(PeerId peer, IReadOnlyList<ProtocolId> protocols, CancellationToken cancellationToken)
        {
            await AskAsync();
            _peers[peer] = new PeerInfo(peer, _peers.GetValueOrDefault(peer)?.Addresses ?? [], protocols);
        }

        public async ValueTask RemoveAsync(PeerId peer, CancellationToken cancellationToken)
        {
            await AskAsync();
            _peers.Remove(peer);
        }

        public async IAsyncEnumerable<PeerInfo> GetAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await AskAsync();
            foreach (PeerInfo peer in _peers.Values)
            {
                yield return peer;
            }
        }

        private async ValueTask AskAsync()
        {
            await Task.Yield();
            await Answer;
            if (IsFailing)
            {
                throw new TimeoutException("the database does not answer");
            }
        }
    }
}
