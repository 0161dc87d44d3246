using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Libp2p.Connections;
using Libp2p.Services;
using Libp2p.TestKit.Scheduling;
using Libp2p.Transports;

namespace Libp2p.Tests.Host;

/// <summary>
/// Nothing ambient follows a connection: what the request that started a node, listened, dialled or called had in its AsyncLocals is
/// visible in no handler or callback of a node, and is released when the request is done.
/// </summary>
public sealed class AmbientTests
{
    private static readonly AsyncLocal<object?> s_request = new();

    [Fact]
    public async Task No_callback_of_a_node_sees_the_request_that_started_listened_dialled_or_called()
    {
        Watch listening = new();
        Watch dialling = new();
        s_request.Value = "a request";
        await using Libp2pNode listener = await Libp2pNode.StartAsync(listening.Configure);
        await listener.ListenAsync(Multiaddress.Parse("/ip4/127.0.0.1/tcp/0"));
        await using Libp2pNode dialler = await Libp2pNode.StartAsync(dialling.Configure);

        IPeerConnection connection = await dialler.ConnectAsync(listener.Addresses[0]);
        await connection.Client(IErrand.Protocol).RunAsync("there");
        await Eventually.HoldsAsync(() => listener.Connections.Count == 1);
        await listener.Connections[0].Client(IErrand.Protocol).RunAsync("and back, on the connection that a request dialled");
        await Assert.ThrowsAsync<DialException>(() => dialler.Client(IErrand.Protocol, TestPeer).RunAsync("to nobody").AsTask()); // asks the routers
        KeptPeer kept = dialler.KeepConnected(TestPeer);
        await Eventually.HoldsAsync(() => kept.Failures > 0);
        await kept.DisposeAsync();
        await connection.CloseAsync();

        Assert.Equal("a request", s_request.Value);
        Assert.Equal(["AllowAccept", "AllowSecured", "AllowUpgraded", "handler", "handler, later", "service"], listening.Seen);
        Assert.Equal(["AllowDial", "AllowSecured", "AllowUpgraded", "handler", "handler, later", "router", "service"], dialling.Seen);
        Assert.Empty(listening.WithRequest.Concat(dialling.WithRequest));
    }

    [Fact]
    public async Task What_a_request_had_is_released_when_it_is_done_although_its_connection_and_its_peer_are_kept()
    {
        await using Libp2pNode listener = await Libp2pNode.StartAsync(node => node.Listen("/ip4/127.0.0.1/tcp/0").Handle(IErrand.Protocol, new Errand()));
        await using Libp2pNode dialler = await Libp2pNode.StartAsync(node => node.Handle(IErrand.Protocol, new Errand()));

        WeakReference request = await ServeAsync(dialler, listener);

        await Eventually.HoldsAsync(() =>
        {
            GC.Collect();
            return !request.IsAlive;
        });
        Assert.Single(dialler.Connections);
    }

    private static PeerId TestPeer { get; } = PeerId.Parse("12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> ServeAsync(Libp2pNode dialler, Libp2pNode listener)
    {
        s_request.Value = new object();
        WeakReference request = new(s_request.Value);
        _ = dialler.KeepConnected(listener.PeerId); // as long as the node
        IErrand errand = await dialler.ConnectAsync(IErrand.Protocol, listener.Addresses[0]);
        await errand.RunAsync("there");
        await foreach (string item in errand.WatchAsync())
        {
            Assert.Equal("watch", item);
        }

        s_request.Value = null;
        return request;
    }

    /// <summary>All that a node calls, and whether it saw a request.</summary>
    private sealed class Watch : IConnectionGater, INodeService, IPeerRouting
    {
        private readonly ConcurrentDictionary<string, bool> _seen = new();

        public string Name => "watch";

        public IEnumerable<string> Seen => _seen.Keys.Order(StringComparer.Ordinal);

        public IEnumerable<string> WithRequest => _seen.Where(seen => seen.Value).Select(seen => seen.Key);

        public void Configure(NodeBuilder node) => node.Gater(this).Use(this).Handle(IErrand.Protocol, new Errand
        {
            OnRun = async (errand, context) =>
            {
                Note("handler");
                await Task.Yield();
                Note("handler, later");
                return errand;
            },
        });

        public bool AllowDial(PeerId? peer, Multiaddress address) => Note("AllowDial");

        public bool AllowAccept(Multiaddress localAddress, Multiaddress remoteAddress) => Note("AllowAccept");

        public bool AllowSecured(Direction direction, PeerId peer, Multiaddress remoteAddress) => Note("AllowSecured");

        public bool AllowUpgraded(Direction direction, UpgradedConnection connection) => Note("AllowUpgraded");

        public ValueTask StartAsync(NodeContext node, CancellationToken cancellationToken)
        {
            Note("service");
            node.Routing.Add(this);
            return ValueTask.CompletedTask;
        }

        public async IAsyncEnumerable<Multiaddress> FindPeerAsync(PeerId peer, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            Note("router");
            await Task.Yield();
            yield break;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private bool Note(string what)
        {
            _seen.AddOrUpdate(what, static (_, sees) => sees, static (_, before, sees) => before || sees, s_request.Value is not null);
            return true;
        }
    }
}
