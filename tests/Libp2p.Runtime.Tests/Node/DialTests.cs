using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Node.Dialing;
using Libp2p.Security;
using Libp2p.Transports;

namespace Libp2p.Tests.Host;

/// <summary>How a node reaches a peer of several addresses: in virtual time, so that it is told to the millisecond.</summary>
public sealed class DialTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_new_connection_whose_dial_is_cancelled_on_any_of_its_steps_is_open_or_its_caller_hears_of_the_cancellation(bool forceNew) => DialNet.Replay(1, async net =>
    {
        net.Transport.Route(DialNet.Addresses[0], "/memory/1");
        DialRequest request = new()
        {
            ExpectedPeer = ExpectedPeer.Exactly(net.Bob.PeerId),
            Addresses = [Multiaddress.Parse(DialNet.Addresses[0])],
            ForceNew = forceNew,
            Isolated = !forceNew,
        };
        bool wasSlower;
        int steps = 0;
        do
        {
            using CancellationTokenSource source = new();
            Task<IPeerConnection> dialling = net.Alice.ConnectAsync(request, source.Token).AsTask();
            for (int i = 0; i < steps && !dialling.IsCompleted; i++)
            {
                await Task.Yield();
            }

            wasSlower = dialling.IsCompleted;
            source.Cancel();
            if (!wasSlower)
            {
                OperationCanceledException cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dialling);
                Assert.Equal(source.Token, cancelled.CancellationToken);
                await net.SettledAsync(connections: 0); // nobody else asked for it
            }

            steps++;
        }
        while (!wasSlower);

        await net.SettledAsync(connections: 1);
    });

    private static readonly string[] s_addresses = DialNet.Addresses;

    public static TheoryData<ulong> Seeds => [.. Enumerable.Range(0, 10).Select(seed => (ulong)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void An_address_where_nothing_answers_costs_a_quarter_of_a_second(ulong seed) => DialNet.Replay(seed, async net =>
    {
        net.Transport.Hole(s_addresses[0]).Hole(s_addresses[1]).Route(s_addresses[2], "/memory/1");

        await net.DialAsync(s_addresses[..3]);

        Assert.Equal(TimeSpan.FromMilliseconds(500), net.Elapsed);
        await net.SettledAsync(connections: 1);
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void An_address_that_fails_costs_nothing(ulong seed) => DialNet.Replay(seed, async net =>
    {
        net.Transport.Hole(s_addresses[0], 10).Hole(s_addresses[1], 10).Route(s_addresses[2], "/memory/1");

        await net.DialAsync(s_addresses[..3]);

        Assert.Equal(TimeSpan.FromMilliseconds(20), net.Elapsed);
        await net.SettledAsync(connections: 1);
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Of_addresses_that_answer_together_one_connection_stays(ulong seed) => DialNet.Replay(seed, async net =>
    {
        for (int i = 0; i < 4; i++)
        {
            net.Transport.Route(s_addresses[i], "/memory/1", 1000 - (250 * i)); // all at once
        }

        await net.DialAsync(s_addresses[..4]);

        await net.SettledAsync(connections: 1);
        Assert.Equal("hello, /say/1.1.0/say", await net.Alice.Client(ISay.Protocol, net.Bob.PeerId).SayAsync("hello"));
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_dial_tries_a_bounded_number_at_a_time_and_a_node_too(ulong seed) => DialNet.Replay(seed, async net =>
    {
        Array.ForEach(s_addresses, address => net.Transport.Hole(address));
        DialException failed = await Assert.ThrowsAsync<DialException>(() => net.DialAsync(s_addresses));
        Assert.Equal(3, net.Transport.MostActive);
        Assert.Equal(16, failed.Attempts.Count);

        PeerId[] strangers = [.. Enumerable.Range(0, 4).Select(_ => PrivateKey.GenerateEd25519(net.Run.Random, CryptoEngine.Default).PublicKey.PeerId)];
        await Task.WhenAll(strangers.Select(stranger => Assert.ThrowsAsync<DialException>(() => net.DialAsync(s_addresses, stranger))));
        Assert.Equal(5, net.Transport.MostActive);
        await net.SettledAsync(connections: 0);
    }, new NodeOptions { MaxParallelDials = 3, MaxConcurrentDialAttempts = 5 });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_failed_dial_tells_of_each_address_what_it_reached_and_why(ulong seed) => DialNet.Replay(seed, async net =>
    {
        net.Transport.Hole(s_addresses[0]).Hole(s_addresses[1], 50).Route(s_addresses[2], "/memory/2").Route(s_addresses[3], "/memory/3");
        await using Libp2pNode mallory = await net.StartAsync("mallory", node => node.Listen("/memory/2"));
        await using ITransportListener<IByteLink> silent = await net.Memory.ListenAsync(Multiaddress.Parse("/memory/3"), default);

        DialException failed = await Assert.ThrowsAsync<DialException>(() => net.DialAsync([.. s_addresses[..4], "/ip4/1.2.3.4/udp/1"]));

        Assert.Equal(
            [DialStage.Transport, DialStage.Transport, DialStage.Security, DialStage.Security, DialStage.Admission],
            failed.Attempts.Select(attempt => attempt.Reached));
        Assert.IsType<DeadlineExceededException>(failed.Attempts[0].Cause);
        Assert.Equal("nobody there", failed.Attempts[1].Cause.Message);
        Assert.Contains(mallory.PeerId.ToString(), failed.Attempts[2].Cause.Message, StringComparison.Ordinal);
        Assert.IsType<DeadlineExceededException>(failed.Attempts[3].Cause);
        await net.SettledAsync(connections: 0);
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_time_of_a_dial_ends_all_of_it(ulong seed) => DialNet.Replay(seed, async net =>
    {
        Array.ForEach(s_addresses, address => net.Transport.Hole(address));

        DialException failed = await Assert.ThrowsAsync<DialException>(() => net.DialAsync(s_addresses, timeout: TimeSpan.FromSeconds(1)));

        Assert.Equal(TimeSpan.FromSeconds(1), net.Elapsed);
        Assert.Equal(DialStage.Admission, failed.Attempts[^1].Reached); // its turn did not come
        Assert.All(failed.Attempts, attempt => Assert.IsType<DeadlineExceededException>(attempt.Cause));
        await net.SettledAsync(connections: 0);
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_dial_that_is_cancelled_leaves_nothing(ulong seed) => DialNet.Replay(seed, async net =>
    {
        net.Transport.Hole(s_addresses[0]).Route(s_addresses[1], "/memory/1", 300);
        using CancellationTokenSource source = new(TimeSpan.FromMilliseconds(net.Run.Random.Next(600)), net.Run.Time);

        try
        {
            await net.DialAsync(s_addresses[..2], cancellationToken: source.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Equal(0, net.Transport.Active);
        }

        await net.SettledAsync(net.Alice.Connections.Count);
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_stranger_at_one_address_does_not_keep_from_the_peer_at_another(ulong seed) => DialNet.Replay(seed, async net =>
    {
        net.Transport.Route(s_addresses[0], "/memory/2").Route(s_addresses[1], "/memory/1");
        await using Libp2pNode mallory = await net.StartAsync("mallory", node => node.Listen("/memory/2"));

        Assert.Equal(net.Bob.PeerId, (await net.DialAsync(s_addresses[..2])).RemotePeer);
        Assert.Equal(mallory.PeerId, (await net.DialAsync(s_addresses[..1], mallory.PeerId)).RemotePeer); // not held against it
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void An_address_that_failed_is_left_alone_for_a_while_unless_it_is_named(ulong seed) => DialNet.Replay(seed, async net =>
    {
        net.Transport.Hole(s_addresses[0], 0);
        await net.Alice.Peers.AddAddressesAsync(net.Bob.PeerId, [Multiaddress.Parse(s_addresses[0])], AddressSource.Configured, TimeSpan.FromDays(1), default);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(DialStage.Transport, await FailAsync([]));
            Assert.Equal(DialStage.Admission, await FailAsync([]));
            await Task.Delay(AddressBackoff.First * Math.Pow(2, i), net.Run.Time);
        }

        Assert.Equal(DialStage.Transport, await FailAsync(s_addresses[..1]));
        Assert.Equal(DialStage.Admission, await FailAsync([]));
        net.Transport.Route(s_addresses[0], "/memory/1");
        await net.DialAsync(s_addresses[..1]);

        async Task<DialStage> FailAsync(string[] addresses) =>
            (await Assert.ThrowsAsync<DialException>(() => net.DialAsync(addresses))).Attempts.Single().Reached;
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_node_that_ends_ends_its_dials(ulong seed) => DialNet.Replay(seed, async net =>
    {
        net.Transport.Hole(s_addresses[0]);
        Task<IPeerConnection> dial = net.DialAsync(s_addresses[..1]);
        await Task.Delay(TimeSpan.FromMilliseconds(100), net.Run.Time);

        await net.Alice.DisposeAsync();

        DialException failed = await Assert.ThrowsAsync<DialException>(() => dial);
        Assert.IsType<ConnectionClosedException>(Assert.Single(failed.Attempts).Cause);
        Assert.Equal(0, net.Transport.Active);
        ObjectDisposedException ended = await Assert.ThrowsAsync<ObjectDisposedException>(() => net.DialAsync(s_addresses[..1]));
        Assert.Contains(net.Alice.PeerId.ToString(), ended.Message, StringComparison.Ordinal);
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Nodes_that_dial_each_other_at_once_are_connected(ulong seed) => DialNet.Replay(seed, async net =>
    {
        await net.Alice.ListenAsync(Multiaddress.Parse("/memory/9"));
        net.Transport.Route(s_addresses[0], "/memory/1");
        Task<IPeerConnection> there = net.DialAsync(s_addresses[..1]);
        Task<IPeerConnection> back = net.Bob.ConnectAsync(net.Alice.Addresses[0]).AsTask();
        await there;
        await back;

        Assert.Equal("hello, /say/1.1.0/say", await net.Alice.Client(ISay.Protocol, net.Bob.PeerId).SayAsync("hello"));
        Assert.Equal("hello, /say/1.1.0/say", await net.Bob.Client(ISay.Protocol, net.Alice.PeerId).SayAsync("hello"));
        await Task.Delay(TimeSpan.FromSeconds(1), net.Run.Time);
        Assert.Equal(net.Alice.Connections.Count, net.Bob.Connections.Count);
        Assert.InRange(net.Alice.Connections.Count, 1, 2);
        net.Run.Log($"{net.Alice.Connections.Count} connections");
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void An_isolated_connection_is_given_to_nobody_else(ulong seed) => DialNet.Replay(seed, async net =>
    {
        net.Transport.Route(s_addresses[0], "/memory/1");
        DialRequest request = new() { ExpectedPeer = ExpectedPeer.Exactly(net.Bob.PeerId), Addresses = [Multiaddress.Parse(s_addresses[0])] };

        IPeerConnection isolated = await net.Alice.ConnectAsync(request with { Isolated = true });
        Assert.Null(await net.Alice.Peers.GetAsync(net.Bob.PeerId, default));
        Assert.NotSame(isolated, await net.Alice.ConnectAsync(request));
    });
}
