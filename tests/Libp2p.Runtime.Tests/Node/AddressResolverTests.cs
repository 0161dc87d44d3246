using System.Net;
using Libp2p.Node;
using Libp2p.Node.Dialing;
using Libp2p.Security;
using Libp2p.TestKit.Scheduling;
using Libp2p.Transports;
using Microsoft.Extensions.Logging.Abstractions;

namespace Libp2p.Tests.Host;

public sealed class AddressResolverTests
{
    private const string Peer = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";

    private readonly FakeNames _names = new();

    [Theory]
    [InlineData("/dns/both.example/tcp/1", "/ip4/1.2.3.4/tcp/1", "/ip6/2001:db8::1/tcp/1")]
    [InlineData("/dns4/both.example/tcp/1", "/ip4/1.2.3.4/tcp/1")]
    [InlineData("/dns6/both.example/tcp/1/ws", "/ip6/2001:db8::1/tcp/1/ws")]
    [InlineData("/dnsaddr/chain.example", "/ip4/9.9.9.9/tcp/9", "/ip4/1.2.3.4/tcp/7")]
    [InlineData("/dnsaddr/boot.example", "/ip4/5.5.5.5/tcp/1/p2p/" + Peer, "/ip4/6.6.6.6/tcp/1")]
    [InlineData("/dnsaddr/boot.example/p2p/" + Peer, "/ip4/5.5.5.5/tcp/1/p2p/" + Peer)]
    public async Task A_name_leads_to_addresses(string address, params string[] expected)
    {
        _names.Hosts["both.example"] = ["1.2.3.4", "2001:db8::1"];
        _names.Texts["_dnsaddr.boot.example"] =
            ["v=spf1", "dnsaddr=nonsense", $"dnsaddr=/ip4/5.5.5.5/tcp/1/p2p/{Peer}", "dnsaddr=/ip4/6.6.6.6/tcp/1"];
        _names.Texts["_dnsaddr.chain.example"] = ["dnsaddr=/dnsaddr/chain.example", "dnsaddr=/dns4/both.example/tcp/7", "dnsaddr=/ip4/9.9.9.9/tcp/9"];

        IReadOnlyList<Multiaddress> found = await CreateResolver().ResolveAsync(Multiaddress.Parse(address), isHearsay: false, default);

        Assert.Equal(expected, found.Select(one => one.ToString()));
    }

    [Fact]
    public async Task Names_that_lead_to_names_without_end_cost_a_bounded_number_of_questions()
    {
        _names.AnyText = name => [.. Enumerable.Range(0, 100).Select(i => $"dnsaddr=/dnsaddr/{i}.{name["_dnsaddr.".Length..]}")];

        await Assert.ThrowsAsync<IOException>(() => CreateResolver().ResolveAsync(Multiaddress.Parse("/dnsaddr/a.example"), isHearsay: true, default).AsTask());

        Assert.InRange(_names.Questions, 1, AddressResolver.MaxLookups);
    }

    [Fact]
    public async Task A_host_with_many_addresses_yields_a_bounded_number()
    {
        _names.Hosts["many.example"] = [.. Enumerable.Range(1, 200).Select(i => $"1.1.1.{i}")];

        Assert.Equal(AddressResolver.MaxResults, (await CreateResolver().ResolveAsync(Multiaddress.Parse("/dns4/many.example/tcp/1"), isHearsay: false, default)).Count);
    }

    private AddressResolver CreateResolver() => new(_names, new AbandonedWork(TimeProvider.System, NullLogger.Instance));

    [Fact]
    public async Task A_node_dials_names()
    {
        await using Libp2pNode listener = await Libp2pNode.StartAsync(o => o.Listen("/ip4/127.0.0.1/tcp/0"));
        await using Libp2pNode dialer = await Libp2pNode.StartAsync(o => o.Dns(_names));
        _names.Hosts["node.example"] = ["127.0.0.1"];
        Assert.True(listener.Addresses[0].TryGetIPEndPoint(out IPEndPoint? endPoint));

        await dialer.ConnectAsync(Multiaddress.Parse($"/dns4/node.example/tcp/{endPoint.Port}/p2p/{listener.PeerId}"));

        Assert.Equal(listener.PeerId, Assert.Single(dialer.Connections).RemotePeer);
        Assert.Equal(listener.Addresses[0].WithoutPeer(), dialer.Connections[0].RemoteAddress);
    }

    [Fact]
    public async Task A_name_that_cannot_be_resolved_is_reported_with_the_reason()
    {
        await using Libp2pNode dialer = await Libp2pNode.StartAsync(_ => { });
        DialRequest request = new()
        {
            ExpectedPeer = ExpectedPeer.Anyone,
            Addresses = [Multiaddress.Parse("/dnsaddr/bootstrap.libp2p.io"), Multiaddress.Parse("/dns4/nobody.invalid/tcp/1")],
        };

        DialException failed = await Assert.ThrowsAsync<DialException>(() => dialer.ConnectAsync(request).AsTask().WaitAsync(TimeSpan.FromSeconds(20)));

        Assert.All(failed.Attempts, attempt => Assert.Equal(DialStage.Resolution, attempt.Reached));
        Assert.Contains("TXT", failed.Attempts[0].Cause.Message, StringComparison.Ordinal);
        Assert.IsType<IOException>(failed.Attempts[1].Cause);
    }

    [Fact]
    public void Addresses_are_ranked_near_first_families_in_turn_relays_last()
    {
        string[] given =
        [
            $"/ip4/8.8.8.8/tcp/1/p2p/{Peer}/p2p-circuit", "/ip4/8.8.8.8/tcp/1", "/ip4/8.8.4.4/tcp/1", "/ip6/2606:4700::1/tcp/1",
            "/ip4/192.168.1.1/tcp/1", "/ip4/127.0.0.1/tcp/1", "/ip6/::1/tcp/1",
        ];
        string[] ranked =
        [
            "/ip6/::1/tcp/1", "/ip4/192.168.1.1/tcp/1", "/ip4/127.0.0.1/tcp/1", "/ip6/2606:4700::1/tcp/1",
            "/ip4/8.8.8.8/tcp/1", "/ip4/8.8.4.4/tcp/1", $"/ip4/8.8.8.8/tcp/1/p2p/{Peer}/p2p-circuit",
        ];

        Assert.Equal(ranked, AddressRanking.Order(given, Multiaddress.Parse));
    }

    [Fact]
    public void What_failed_is_forgotten_when_it_succeeds_and_when_there_is_too_much_of_it()
    {
        ManualClock clock = new();
        AddressBackoff backoff = new(clock, capacity: 2);
        Multiaddress[] addresses = [.. Enumerable.Range(1, 3).Select(i => Multiaddress.Parse($"/ip4/1.1.1.{i}/tcp/1"))];

        Array.ForEach(addresses, address => backoff.Failed(address, ExpectedPeer.Anyone, "refused"));
        backoff.Succeeded(addresses[2], ExpectedPeer.Anyone);

        Assert.Equal([false, true, false], addresses.Select(address => backoff.IsBlocked(address, ExpectedPeer.Anyone, out _)));
        for (int i = 0; i < 20; i++)
        {
            backoff.Failed(addresses[1], ExpectedPeer.Anyone, "refused");
        }

        clock.Advance(AddressBackoff.Longest);
        Assert.False(backoff.IsBlocked(addresses[1], ExpectedPeer.Anyone, out _));
    }
}
