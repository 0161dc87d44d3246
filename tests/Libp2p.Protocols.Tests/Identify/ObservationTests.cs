using Libp2p.Protocols.Identify;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Protocols.Tests.Identify;

/// <summary>What is counted by source: observations, and pushes.</summary>
public sealed class ObservationTests
{
    private static readonly Multiaddress s_local = Multiaddress.Parse("/ip4/10.0.0.1/tcp/4001");
    private static readonly Multiaddress s_seen = Multiaddress.Parse("/ip4/192.0.2.1/tcp/4001");

    private readonly ManualClock _clock = new();

    [Fact]
    public void A_host_counts_once_whatever_its_port_and_a_56_is_a_host()
    {
        ObservedAddresses observed = new(_clock, TimeSpan.FromMinutes(30));
        foreach (string remote in new[]
        {
            "/ip4/198.51.100.1/tcp/1", "/ip4/198.51.100.1/tcp/2", "/ip4/198.51.100.2/tcp/1",
            "/ip6/2001:db8:1:100::1/tcp/1", "/ip6/2001:db8:1:1ff::2/tcp/1", "/ip6/2001:db8:1:200::1/tcp/1",
        })
        {
            Assert.True(observed.TryAdd(s_seen, s_local, Multiaddress.Parse(remote)));
        }

        Assert.Equal((s_seen, 4), (observed.Current[0].Address, observed.Current[0].Observers));
    }

    [Theory]
    [InlineData("/ip4/192.0.2.1/udp/4001/quic-v1")]
    [InlineData("/ip6/2001:db8::1/tcp/4001")]
    [InlineData("/memory/7")]
    public void What_is_not_like_our_end_tells_nothing(string claim) =>
        Assert.False(new ObservedAddresses(_clock, TimeSpan.FromMinutes(30)).TryAdd(Multiaddress.Parse(claim), s_local, s_seen));

    [Fact]
    public void Observations_expire()
    {
        ObservedAddresses observed = new(_clock, TimeSpan.FromMinutes(30));
        observed.TryAdd(s_seen, s_local, Multiaddress.Parse("/ip4/198.51.100.1/tcp/1"));
        _clock.Advance(TimeSpan.FromMinutes(29));
        Assert.Single(observed.Current);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(observed.Current);
    }

    [Fact]
    public void A_flood_of_claims_stays_within_bounds_and_drops_the_oldest()
    {
        ObservedAddresses observed = new(_clock, TimeSpan.FromMinutes(30));
        for (int port = 1; port <= 1000; port++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            observed.TryAdd(Multiaddress.Parse($"/ip4/192.0.2.1/tcp/{port}"), s_local, Multiaddress.Parse("/ip4/198.51.100.1/tcp/1"));
            observed.TryAdd(s_seen, s_local, Multiaddress.Parse($"/ip4/198.51.{port / 250}.{port % 250}/tcp/1"));
        }

        Assert.Equal(ObservedAddresses.MaxAddresses, observed.Current.Count);
        Assert.Equal((s_seen, ObservedAddresses.MaxObservers), (observed.Current[0].Address, observed.Current[0].Observers));
        Assert.Contains(observed.Current, entry => entry.Address == Multiaddress.Parse("/ip4/192.0.2.1/tcp/1000"));
    }

    [Fact]
    public void A_flood_from_one_host_displaces_its_own_claims_and_no_others()
    {
        ObservedAddresses observed = new(_clock, TimeSpan.FromMinutes(30));
        observed.TryAdd(s_seen, s_local, Multiaddress.Parse("/ip4/198.51.100.2/tcp/1")); // one honest host, before
        for (int port = 1; port <= 1000; port++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            observed.TryAdd(Multiaddress.Parse($"/ip4/192.0.2.9/tcp/{port}"), s_local, Multiaddress.Parse("/ip4/198.51.100.1/tcp/1"));
        }

        Assert.Equal(ObservedAddresses.MaxAddresses, observed.Current.Count);
        Assert.Contains(observed.Current, entry => entry.Address == s_seen);
    }

    [Fact]
    public void Observations_may_count_for_ever_and_depend_on_no_wall_clock()
    {
        ObservedAddresses endless = new(_clock, Timeout.InfiniteTimeSpan);
        ObservedAddresses enormous = new(_clock, TimeSpan.MaxValue);
        endless.TryAdd(s_seen, s_local, Multiaddress.Parse("/ip4/198.51.100.1/tcp/1"));
        enormous.TryAdd(s_seen, s_local, Multiaddress.Parse("/ip4/198.51.100.1/tcp/1"));
        _clock.Advance(TimeSpan.FromDays(36_500));

        Assert.Equal(_clock.GetUtcNow() - TimeSpan.FromDays(36_500), Assert.Single(endless.Current).LastSeen);
        Assert.Single(enormous.Current);
    }

    [Fact]
    public void A_network_may_push_ten_times_and_then_once_in_five_seconds()
    {
        SubnetRates rates = new(_clock);
        for (int i = 0; i < 10; i++)
        {
            Assert.True(rates.TryTake(Multiaddress.Parse($"/ip4/198.51.100.{i}/tcp/1")));
        }

        Assert.False(rates.TryTake(Multiaddress.Parse("/ip4/198.51.100.77/tcp/1")));
        Assert.True(rates.TryTake(Multiaddress.Parse("/ip4/198.51.101.77/tcp/1")));
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.True(rates.TryTake(Multiaddress.Parse("/ip4/198.51.100.77/tcp/1")));
        Assert.False(rates.TryTake(Multiaddress.Parse("/ip4/198.51.100.77/tcp/1")));
        Assert.All(Enumerable.Range(0, 100), _ => Assert.True(rates.TryTake(Multiaddress.Parse("/ip4/127.0.0.1/tcp/1"))));
        Assert.All(Enumerable.Range(0, 100), _ => Assert.True(rates.TryTake(Multiaddress.Parse("/memory/1"))));
    }
}
