using Libp2p.Connections;
using Libp2p.Security;
using Libp2p.Transports;

namespace Libp2p.Tests.Host;

/// <summary>Dials to one peer that go on at the same time are one, and each who waits for it has time and addresses of its own.</summary>
public sealed class JoinedDialTests
{
    private static readonly string[] s_addresses = DialNet.Addresses;

    public static TheoryData<ulong> Seeds => [.. Enumerable.Range(0, 10).Select(seed => (ulong)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Dials_to_one_peer_are_joined_and_one_who_gives_up_takes_nobody_along(ulong seed) => DialNet.Replay(seed, async net =>
    {
        net.Transport.Route(s_addresses[0], "/memory/1", 500);
        using CancellationTokenSource source = new(TimeSpan.FromMilliseconds(100), net.Run.Time);
        Task<IPeerConnection> first = net.DialAsync(s_addresses[..1], cancellationToken: source.Token);
        Task<IPeerConnection>[] others = [.. Enumerable.Range(0, 5).Select(_ => net.DialAsync(s_addresses[..1]))];
        Task<IPeerConnection> impatient = net.DialAsync(s_addresses[..1], timeout: TimeSpan.FromMilliseconds(50));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        DialException tooLate = await Assert.ThrowsAsync<DialException>(() => impatient);
        Assert.Single((await Task.WhenAll(others)).Distinct());
        Assert.Equal(1, net.Transport.MostActive);
        Assert.Equal(DialStage.Transport, Assert.Single(tooLate.Attempts).Reached);
        await net.SettledAsync(connections: 1);
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_dial_lasts_as_long_as_the_most_patient_of_those_who_wait(ulong seed) => DialNet.Replay(seed, async net =>
    {
        net.Transport.Route(s_addresses[0], "/memory/1", 500);
        Task<IPeerConnection> impatient = net.DialAsync(s_addresses[..1], timeout: TimeSpan.FromMilliseconds(50));
        Task<IPeerConnection> patient = net.DialAsync(s_addresses[..1]);

        DialException tooLate = await Assert.ThrowsAsync<DialException>(() => impatient);
        Assert.IsType<DeadlineExceededException>(Assert.Single(tooLate.Attempts).Cause);
        Assert.Equal(TimeSpan.FromMilliseconds(50), net.Elapsed);

        await patient;
        Assert.Equal(TimeSpan.FromMilliseconds(500), net.Elapsed); // the attempt that was going on, not another one
        await net.SettledAsync(connections: 1);
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Who_joins_does_not_wait_for_what_others_know_before_the_own_addresses_are_tried(ulong seed) => DialNet.Replay(seed, async net =>
    {
        net.Transport.Hole(s_addresses[0]).Route(s_addresses[1], "/memory/1");
        Task<IPeerConnection> first = net.DialAsync(s_addresses[..1]);
        Task<IPeerConnection> knowing = net.DialAsync(s_addresses[1..2], timeout: TimeSpan.FromSeconds(5));

        Assert.Same(await knowing, await first);
        Assert.InRange(net.Elapsed, TimeSpan.Zero, TimeSpan.FromMilliseconds(250));
        await net.SettledAsync(connections: 1);
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_joined_dial_that_fails_names_everybodys_addresses(ulong seed) => DialNet.Replay(seed, async net =>
    {
        net.Transport.Hole(s_addresses[0]).Hole(s_addresses[1], 100).Hole(s_addresses[2], 3000);
        Task<IPeerConnection> first = net.DialAsync(s_addresses[..1]);
        Task<IPeerConnection> joined = net.DialAsync(s_addresses[1..3], timeout: TimeSpan.FromSeconds(1));

        DialException failed = await Assert.ThrowsAsync<DialException>(() => joined);
        Assert.Equal(TimeSpan.FromSeconds(1), net.Elapsed);
        Assert.Equal(s_addresses[..3], failed.Attempts.Select(attempt => attempt.Address.ToString()));
        Assert.Equal("nobody there", failed.Attempts[1].Cause.Message);
        Assert.Equal(3, (await Assert.ThrowsAsync<DialException>(() => first)).Attempts.Count);
        Assert.Equal(TimeSpan.FromSeconds(10), net.Elapsed); // the attempt's time, not the dial's
        await net.SettledAsync(connections: 0);
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Who_joins_and_names_no_address_has_those_of_the_peer_store_tried(ulong seed) => DialNet.Replay(seed, async net =>
    {
        net.Transport.Hole(s_addresses[0]).Route(s_addresses[1], "/memory/1");
        await net.Alice.Peers.AddAddressesAsync(net.Bob.PeerId, [Multiaddress.Parse(s_addresses[1])], AddressSource.Announced, TimeSpan.FromDays(1), default);
        Task<IPeerConnection> first = net.DialAsync(s_addresses[..1]);

        await net.DialAsync([]);
        Assert.InRange(net.Elapsed, TimeSpan.Zero, TimeSpan.FromMilliseconds(250));
        await first;
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void An_address_that_is_left_alone_is_dialled_when_who_joins_names_it(ulong seed) => DialNet.Replay(seed, async net =>
    {
        Multiaddress[] known = [Multiaddress.Parse(s_addresses[0]), Multiaddress.Parse(s_addresses[1])];
        net.Transport.Hole(s_addresses[0], 0).Hole(s_addresses[1]);
        await Assert.ThrowsAsync<DialException>(() => net.DialAsync(s_addresses[..1]));
        await net.Alice.Peers.AddAddressesAsync(net.Bob.PeerId, known, AddressSource.Configured, TimeSpan.FromDays(1), default);
        net.Transport.Route(s_addresses[0], "/memory/1");
        Task<IPeerConnection> first = net.DialAsync([]);
        await Task.Delay(TimeSpan.FromMilliseconds(100), net.Run.Time);
        Assert.False(first.IsCompleted);

        await net.DialAsync(s_addresses[..1]);
        await first;
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_name_that_a_peer_told_does_not_lead_to_this_machine(ulong seed) => DialNet.Replay(seed, async net =>
    {
        net.Transport.Route("/ip4/127.0.0.1/tcp/1", "/memory/1").Route("/ip4/198.50.100.1/tcp/1", "/memory/1", 10);
        net.Names.Hosts["here.example.org"] = ["127.0.0.1"];
        net.Names.Hosts["both.example.org"] = ["127.0.0.1", "198.50.100.1"];

        DialException refused = await Assert.ThrowsAsync<DialException>(() => DialAsync("/dns4/here.example.org/tcp/1", AddressSource.Announced));
        Assert.Equal(DialStage.Resolution, Assert.Single(refused.Attempts).Reached);
        Assert.Equal(0, net.Transport.MostActive);
        await DialAsync("/dns4/both.example.org/tcp/1", AddressSource.Certified);
        await DialAsync("/dns4/here.example.org/tcp/1", AddressSource.Configured);

        async Task DialAsync(string address, AddressSource source)
        {
            await net.Alice.Peers.RemoveAsync(net.Bob.PeerId, default);
            await net.Alice.Peers.AddAddressesAsync(net.Bob.PeerId, [Multiaddress.Parse(address)], source, TimeSpan.FromDays(1), default);
            IPeerConnection connection = await net.Alice.ConnectAsync(new DialRequest { ExpectedPeer = ExpectedPeer.Exactly(net.Bob.PeerId), IgnoreBackoff = true });
            await connection.CloseAsync();
            await Task.Delay(TimeSpan.FromSeconds(1), net.Run.Time);
        }
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Many_who_join_have_a_bounded_number_of_addresses_tried_and_each_its_own_in_the_end(ulong seed) => DialNet.Replay(seed, async net =>
    {
        Array.ForEach(s_addresses, address => net.Transport.Hole(address, 1000));
        net.Transport.Route(s_addresses[19], "/memory/1");
        Task<IPeerConnection>[] dials = [.. Enumerable.Range(0, 20).Select(i => net.DialAsync(s_addresses[i..(i + 1)]))];
        Task<IPeerConnection> failing = Task.WhenAny(dials[..8]).Unwrap();

        await Task.Delay(TimeSpan.FromMilliseconds(1), net.Run.Time);
        Assert.Equal(4, Assert.Single(net.Alice.GetState().Dials).Addresses.Count);
        await Assert.ThrowsAsync<DialException>(() => failing);
        Assert.Equal(net.Bob.PeerId, (await dials[19]).RemotePeer);
    }, new NodeOptions { MaxDialAddresses = 1 });
}
