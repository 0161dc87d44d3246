using System.Net;
using System.Net.Sockets;
using Libp2p.Node;
using Libp2p.Node.Dialing;
using Libp2p.Node.State;
using Libp2p.Security;
using Libp2p.Simulation;
using Libp2p.TestKit.Scheduling;
using Libp2p.Tests.Host;
using Libp2p.Transports;
using Libp2p.Transports.Memory;
using Microsoft.Extensions.Logging.Abstractions;

namespace Libp2p.Tests.Node.Dialing;

/// <summary>Names are looked up so many at a time, and what a name server does to one look-up it does to no other.</summary>
public sealed class LookUpTests
{
    private readonly ManualClock _clock = new();
    private readonly QueueScheduler _queue = new();
    private readonly HeldNames _names = new();
    private readonly AbandonedWork _abandoned;
    private readonly AddressResolver _resolver;

    public LookUpTests()
    {
        _abandoned = new AbandonedWork(_clock, NullLogger.Instance);
        _resolver = new AddressResolver(_names, _abandoned);
    }

    [Fact]
    public void Names_that_peers_told_leave_room_for_those_of_the_application() => _queue.Run(async () =>
    {
        Task[] told = Resolve(10, isHearsay: true, default);
        await _queue.IdleAsync();
        Assert.Equal(AddressResolver.MaxConcurrentHearsay, _names.Active);

        Task[] own = Resolve(10, isHearsay: false, default);
        await _queue.IdleAsync();
        Assert.Equal(AddressResolver.MaxConcurrent, _names.Active);

        _names.Release();
        await Task.WhenAll([.. told, .. own]);
        Assert.Equal(AddressResolver.MaxConcurrent, _names.MostActive);
    });

    [Fact]
    public void A_look_up_that_ignores_its_token_is_left_behind_and_has_its_place_until_it_returns() => _queue.Run(async () =>
    {
        using CancellationTokenSource source = new();
        Task[] told = Resolve(AddressResolver.MaxConcurrentHearsay, isHearsay: true, source.Token);
        await _queue.IdleAsync();

        source.Cancel();
        _clock.Advance(AbandonedWork.Grace);
        await _queue.IdleAsync();
        Assert.All(told, dial => Assert.True(dial.IsCanceled));
        Assert.Equal(told.Length, _abandoned.Describe().Count);

        Task next = Resolve(1, isHearsay: true, default)[0];
        Task own = Resolve(1, isHearsay: false, default)[0];
        await _queue.IdleAsync();
        Assert.Equal(told.Length + 1, _names.Active); // the application's is asked, that of a peer waits

        _names.Release();
        await Task.WhenAll(next, own);
        await _queue.IdleAsync();
        Assert.Empty(_abandoned.Describe());
    });

    [Fact]
    public void A_look_up_is_one_of_the_nodes_dial_attempts() => SimulationRun.Replay(1, async run =>
    {
        MemoryNetwork network = new();
        HeldNames names = new();
        await using Libp2pNode alice = await SimulatedNodesTests.StartAsync(
            run, "alice", network, node => node.Dns(names).Options(new NodeOptions { MaxConcurrentDialAttempts = 1 }));
        Task<DialException> named = FailAsync(alice, "/dns4/held.example/tcp/1");
        await Task.Delay(TimeSpan.FromMilliseconds(10), run.Time);

        Task<DialException> other = FailAsync(alice, "/memory/1");
        await Task.Delay(TimeSpan.FromMilliseconds(10), run.Time);
        Assert.Equal(new DialAttemptsState(Limit: 1, Running: 1, Waiting: 1), alice.GetState().DialAttempts);

        names.Release();
        await named;
        await other;
        Assert.Equal(new DialAttemptsState(Limit: 1, Running: 0, Waiting: 0), alice.GetState().DialAttempts);
    });

    private static Task<DialException> FailAsync(Libp2pNode node, string address) => Assert.ThrowsAsync<DialException>(
        () => node.ConnectAsync(new DialRequest { ExpectedPeer = ExpectedPeer.Anyone, Addresses = [Multiaddress.Parse(address)] }).AsTask());

    private Task[] Resolve(int count, bool isHearsay, CancellationToken cancellationToken) => [.. Enumerable.Range(0, count)
        .Select(_ => _resolver.ResolveAsync(Multiaddress.Parse("/dns4/held.example/tcp/1"), isHearsay, cancellationToken).AsTask())];

    /// <summary>A name server that answers when the test says so, and heeds no token.</summary>
    private sealed class HeldNames : IDnsResolver
    {
        private readonly TaskCompletionSource _release = new();

        public int Active { get; private set; }

        public int MostActive { get; private set; }

        public void Release() => _release.SetResult();

        public async ValueTask<IReadOnlyList<IPAddress>> GetAddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken)
        {
            MostActive = Math.Max(MostActive, ++Active);
            await _release.Task;
            Active--;
            return [IPAddress.Parse("192.0.2.1")];
        }

        public ValueTask<IReadOnlyList<string>> GetTextAsync(string name, CancellationToken cancellationToken) => throw new IOException("It knows no texts.");
    }
}
