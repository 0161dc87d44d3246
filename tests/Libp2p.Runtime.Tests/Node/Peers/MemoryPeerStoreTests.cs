using Libp2p.Node.Peers;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Host;

/// <summary>What the peer store keeps, and what remote input cannot take from it.</summary>
public sealed class MemoryPeerStoreTests : IDisposable
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);
    private static readonly PeerId s_peer = Peer(0);

    private readonly ManualClock _clock = new();
    private readonly MemoryPeerStore _store;

    public MemoryPeerStoreTests() => _store = new MemoryPeerStore(_clock, maxPeers: 8, maxAddresses: 4);

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task A_flood_of_peers_evicts_no_peer_that_the_application_configured_or_is_connected_to()
    {
        await AddAsync(s_peer, AddressSource.Configured, s_hour, "/memory/1");
        using IDisposable connection = _store.Protect(Peer(1));
        await AddAsync(Peer(1), AddressSource.Announced, s_hour, "/memory/2");
        await AddAsync(Peer(2), AddressSource.Referred, s_hour, "/memory/3");

        for (int i = 10; i < 2000; i++)
        {
            await AddAsync(Peer(i), AddressSource.Referred, s_hour, "/memory/4");
            await _store.SetProtocolsAsync(Peer(i), ["/a"], default);
            await _store.SetRecordAsync(Peer(i), 1, [Multiaddress.Parse("/memory/5")], s_hour, default);
        }

        Assert.Equal(["/memory/1"], await AddressesAsync(s_peer));
        Assert.Equal(["/memory/2"], await AddressesAsync(Peer(1)));
        Assert.Null(await _store.GetAsync(Peer(2), default));
        Assert.Equal(8, await CountAsync());
    }

    [Fact]
    public async Task Where_only_such_peers_are_left_the_application_finds_room_and_others_do_not()
    {
        for (int i = 0; i < 20; i++)
        {
            await AddAsync(Peer(i), AddressSource.Configured, s_hour, "/memory/1");
        }

        await AddAsync(Peer(30), AddressSource.Referred, s_hour, "/memory/1");
        using IDisposable connection = _store.Protect(Peer(31));
        await AddAsync(Peer(31), AddressSource.Announced, s_hour, "/memory/1");

        Assert.Null(await _store.GetAsync(Peer(30), default));
        Assert.NotNull(await _store.GetAsync(Peer(31), default));
        Assert.Equal(21, await CountAsync());

        _clock.Advance(s_hour); // none is configured any more, so the bound holds again
        for (int i = 40; i < 60; i++)
        {
            await AddAsync(Peer(i), AddressSource.Referred, s_hour, "/memory/1");
        }

        Assert.Equal(8, await CountAsync());
        Assert.NotNull(await _store.GetAsync(Peer(31), default));
    }

    [Fact]
    public async Task Addresses_of_a_protected_peer_do_not_expire_and_live_their_full_time_afterwards()
    {
        IDisposable kept = _store.Protect(s_peer);
        IDisposable connected = _store.Protect(s_peer);
        await AddAsync(s_peer, AddressSource.Connected, s_hour, "/memory/1");
        _clock.Advance(s_hour * 100);
        Assert.Equal(["/memory/1"], await AddressesAsync(s_peer));

        connected.Dispose();
        connected.Dispose(); // counts once
        _clock.Advance(s_hour * 100);
        Assert.Equal(["/memory/1"], await AddressesAsync(s_peer));

        kept.Dispose();
        _clock.Advance(s_hour - TimeSpan.FromSeconds(1));
        Assert.Equal(["/memory/1"], await AddressesAsync(s_peer));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(await AddressesAsync(s_peer));
    }

    [Fact]
    public async Task Protection_alone_makes_no_entry()
    {
        using IDisposable kept = _store.Protect(s_peer);

        Assert.Null(await _store.GetAsync(s_peer, default));
    }

    [Fact]
    public async Task A_newer_record_replaces_the_addresses_of_an_older_one_and_an_older_one_changes_nothing()
    {
        await AddAsync(s_peer, AddressSource.Configured, s_hour, "/memory/1");
        Assert.True(await RecordAsync(5, "/memory/1", "/memory/2"));
        await AddAsync(s_peer, AddressSource.Connected, s_hour, "/memory/2");
        Assert.True(await RecordAsync(7, "/memory/3"));
        Assert.False(await RecordAsync(6, "/memory/4"));
        Assert.True(await RecordAsync(7, "/memory/3")); // the same again

        Assert.Equal(
            [("/memory/1", AddressSource.Configured), ("/memory/3", AddressSource.Certified), ("/memory/2", AddressSource.Connected)],
            (await _store.GetAsync(s_peer, default))!.Addresses.Select(known => (known.Address.ToString(), known.Source)));
    }

    [Fact]
    public async Task A_record_that_has_expired_no_longer_stands_against_an_older_number()
    {
        Assert.True(await RecordAsync(ulong.MaxValue, "/memory/1")); // the peer's clock was wrong
        _clock.Advance(s_hour);

        Assert.True(await RecordAsync(5, "/memory/2"));
        Assert.Equal(["/memory/2"], await AddressesAsync(s_peer));
    }

    [Fact]
    public async Task What_others_say_never_displaces_what_is_worth_more()
    {
        await AddAsync(s_peer, AddressSource.Connected, TimeSpan.FromMinutes(1), "/memory/1");
        await AddAsync(s_peer, AddressSource.Configured, TimeSpan.FromMinutes(1), "/memory/2");
        await RecordAsync(1, "/memory/3");
        await AddAsync(s_peer, AddressSource.Announced, s_hour, [.. Enumerable.Range(10, 50).Select(i => $"/memory/{i}")]);
        await AddAsync(s_peer, AddressSource.Referred, s_hour * 24, [.. Enumerable.Range(100, 50).Select(i => $"/memory/{i}")]);

        Assert.Equal(["/memory/2", "/memory/3", "/memory/1", "/memory/10"], await AddressesAsync(s_peer));

        await RecordAsync(2, [.. Enumerable.Range(10, 50).Select(i => $"/memory/{i}")]);
        Assert.Equal(["/memory/2", "/memory/10", "/memory/11", "/memory/1"], await AddressesAsync(s_peer));
    }

    [Fact]
    public async Task Each_source_of_an_address_has_a_lifetime_of_its_own()
    {
        await AddAsync(s_peer, AddressSource.Configured, s_hour, "/memory/1");
        await AddAsync(s_peer, AddressSource.Referred, s_hour * 2, "/memory/1");
        _clock.Advance(s_hour);

        PeerAddress known = Assert.Single((await _store.GetAsync(s_peer, default))!.Addresses);
        Assert.Equal((AddressSource.Referred, _clock.GetUtcNow() + s_hour), (known.Source, known.Expires));
    }

    [Fact]
    public async Task Lifetimes_may_be_endless_enormous_or_nothing_and_not_negative()
    {
        await AddAsync(s_peer, AddressSource.Configured, Timeout.InfiniteTimeSpan, "/memory/1");
        await AddAsync(s_peer, AddressSource.Configured, TimeSpan.MaxValue, "/memory/2");
        await AddAsync(s_peer, AddressSource.Configured, TimeSpan.FromDays(365_000), "/memory/3");
        await AddAsync(s_peer, AddressSource.Configured, TimeSpan.Zero, "/memory/4");
        await AddAsync(s_peer, AddressSource.Referred, s_hour, "/memory/1"); // shortens nothing
        _clock.Advance(TimeSpan.FromDays(36_500));

        IReadOnlyList<PeerAddress> known = (await _store.GetAsync(s_peer, default))!.Addresses;
        Assert.Equal(["/memory/1", "/memory/2", "/memory/3"], known.Select(address => address.Address.ToString()));
        Assert.Equal([DateTimeOffset.MaxValue, DateTimeOffset.MaxValue], known.Take(2).Select(address => address.Expires));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => AddAsync(s_peer, AddressSource.Configured, TimeSpan.FromSeconds(-1), "/memory/1"));
    }

    [Fact]
    public async Task A_step_of_the_wall_clock_ends_nothing()
    {
        SteppedClock clock = new(_clock);
        using MemoryPeerStore store = new(clock);
        await store.AddAddressesAsync(s_peer, [Multiaddress.Parse("/memory/1")], AddressSource.Referred, s_hour, default);
        clock.Step = TimeSpan.FromDays(20_000);
        Assert.Equal(clock.GetUtcNow() + s_hour, Assert.Single((await store.GetAsync(s_peer, default))!.Addresses).Expires);
        clock.Step = TimeSpan.FromDays(-20_000);
        Assert.Single((await store.GetAsync(s_peer, default))!.Addresses);

        _clock.Advance(s_hour);
        Assert.Empty((await store.GetAsync(s_peer, default))!.Addresses);
    }

    [Fact]
    public async Task An_empty_address_is_ignored_and_no_address_makes_no_entry()
    {
        await _store.AddAddressesAsync(s_peer, [], AddressSource.Referred, s_hour, default);
        Assert.Null(await _store.GetAsync(s_peer, default));
        await _store.AddAddressesAsync(s_peer, [Multiaddress.Empty, Multiaddress.Parse("/memory/1")], AddressSource.Referred, s_hour, default);
        Assert.Equal(["/memory/1"], await AddressesAsync(s_peer));
    }

    [Fact]
    public async Task After_its_node_every_member_says_so()
    {
        IDisposable kept = _store.Protect(s_peer);
        _store.Dispose();
        kept.Dispose();

        foreach (Func<Task> use in (Func<Task>[])
        [
            async () => await _store.GetAsync(s_peer, default),
            () => AddAsync(s_peer, AddressSource.Configured, s_hour, "/memory/1"),
            () => RecordAsync(1, "/memory/1"),
            async () => await _store.SetProtocolsAsync(s_peer, [], default),
            async () => await _store.RemoveAsync(s_peer, default),
            () => Task.FromResult(_store.Protect(s_peer)),
            CountAsync,
        ])
        {
            Assert.Equal(nameof(Libp2pNode), (await Assert.ThrowsAsync<ObjectDisposedException>(use)).ObjectName);
        }
    }

    private static PeerId Peer(int number) => new PublicKey(KeyType.Rsa, [.. BitConverter.GetBytes(number), .. new byte[60]]).PeerId;

    private async Task AddAsync(PeerId peer, AddressSource source, TimeSpan lifetime, params string[] addresses) =>
        await _store.AddAddressesAsync(peer, [.. addresses.Select(Multiaddress.Parse)], source, lifetime, default);

    private async Task<bool> RecordAsync(ulong sequence, params string[] addresses) =>
        await _store.SetRecordAsync(s_peer, sequence, [.. addresses.Select(Multiaddress.Parse)], s_hour, default);

    private async Task<IEnumerable<string>> AddressesAsync(PeerId peer) =>
        (await _store.GetAsync(peer, default))!.Addresses.Select(known => known.Address.ToString());

    private async Task<int> CountAsync()
    {
        int count = 0;
        await foreach (PeerInfo _ in _store.GetAllAsync(default))
        {
            count++;
        }

        return count;
    }

    private sealed class SteppedClock(ManualClock clock) : TimeProvider
    {
        public TimeSpan Step { get; set; }

        public override long TimestampFrequency => clock.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow() + Step;

        public override long GetTimestamp() => clock.GetTimestamp();
    }
}
