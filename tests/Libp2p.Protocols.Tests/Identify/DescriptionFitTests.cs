using Libp2p.Protocols.Identify;

namespace Libp2p.Protocols.Tests.Identify;

/// <summary>What of a description is dropped first when there is too much of it.</summary>
public sealed class DescriptionFitTests
{
    private const int Room = 3600, Record = 300;

    private static readonly ProtocolId[] s_own = ["/ipfs/ping/1.0.0", "/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0"];
    private static readonly Multiaddress[] s_few = [.. new[] { "/ip4/198.50.100.1/tcp/1", "/ip4/10.0.0.1/tcp/1" }.Select(Multiaddress.Parse)];

    [Fact]
    public void What_fits_is_all_told_in_its_order()
    {
        ProtocolId[] protocols = ["/b", .. s_own, "/a"];
        DescriptionFit fit = DescriptionFit.Choose(Room, Record, protocols, s_few);

        Assert.Equal(protocols, fit.Protocols);
        Assert.Equal(s_few, fit.Addresses);
        Assert.True(fit.Signs);
        Assert.Equal((0, 0), (fit.OmittedProtocols.Count, fit.OmittedAddresses));
    }

    [Fact]
    public void Protocols_of_the_application_are_dropped_from_the_end_and_nothing_else_is()
    {
        ProtocolId[] many = [.. Enumerable.Range(0, 120).Select(i => new ProtocolId($"/company/department/service-{i:000}/1.0.0"))];
        DescriptionFit fit = DescriptionFit.Choose(Room, Record, [.. many, .. s_own], s_few);

        Assert.Equal([.. many[..(fit.Protocols.Count - 3)], .. s_own], fit.Protocols);
        Assert.Equal(many[(fit.Protocols.Count - 3)..], fit.OmittedProtocols);
        Assert.InRange(fit.Protocols.Count, 60, 119);
        Assert.Equal(s_few, fit.Addresses);
        Assert.True(fit.Signs);
        Assert.Equal(0, fit.OmittedAddresses);
    }

    [Fact]
    public void A_protocol_that_is_too_long_costs_itself() => Assert.Equal(
        ["/a", "/z"],
        DescriptionFit.Choose(200, null, ["/a", "/" + new string('x', 500), "/z"], []).Protocols.Select(id => id.Value));

    [Fact]
    public void Many_addresses_leave_room_for_protocols_and_take_what_those_leave()
    {
        Multiaddress[] many = [.. Enumerable.Range(0, 300).Select(i => Multiaddress.Parse($"/dns4/host-{i}.example.org/tcp/4001"))];
        ProtocolId[] application = [.. Enumerable.Range(0, 10).Select(i => new ProtocolId($"/application/{i}"))];
        DescriptionFit fit = DescriptionFit.Choose(Room, Record, [.. application, .. s_own], many);

        Assert.Empty(fit.OmittedProtocols);
        Assert.Equal(many[..fit.Addresses.Count], fit.Addresses);
        Assert.InRange(fit.Addresses.Count, DescriptionFit.MaxFirstAddresses + 1, 299);
        Assert.Equal(300 - fit.Addresses.Count, fit.OmittedAddresses);
    }

    [Fact]
    public void The_best_addresses_are_told_first()
    {
        Multiaddress[] all =
        [
            .. Enumerable.Range(1, 40).Select(i => Multiaddress.Parse($"/ip4/127.0.0.1/tcp/{i}")),
            .. Enumerable.Range(1, 40).Select(i => Multiaddress.Parse($"/ip4/198.50.100.1/tcp/{i}/p2p/12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq/p2p-circuit")),
            .. Enumerable.Range(1, 40).Select(i => Multiaddress.Parse($"/ip4/192.168.0.1/tcp/{i}")),
            .. Enumerable.Range(1, 10).Select(i => Multiaddress.Parse($"/ip4/198.50.100.2/tcp/{i}")),
        ];

        DescriptionFit fit = DescriptionFit.Choose(600, null, s_own, all);

        Assert.Equal(all[^10..], fit.Addresses.Where(address => address.Reach == MultiaddressReach.Public && !address.Contains(MultiaddressProtocol.P2pCircuit)));
        Assert.DoesNotContain(fit.Addresses, address => address.Reach == MultiaddressReach.Loopback);
        Assert.Contains(IIdentifyPush.Protocol.Ids[0], fit.Protocols);
    }

    [Fact]
    public void Without_room_for_a_record_addresses_are_told_unsigned()
    {
        DescriptionFit fit = DescriptionFit.Choose(340, Record, s_own, s_few);

        Assert.False(fit.Signs);
        Assert.Equal(s_few, fit.Addresses);
        Assert.Equal(s_own, fit.Protocols);
    }

    [Fact]
    public void No_room_is_no_fault()
    {
        DescriptionFit fit = DescriptionFit.Choose(-100, Record, s_own, s_few);

        Assert.Equal((0, 0, false, 3, 2), (fit.Protocols.Count, fit.Addresses.Count, fit.Signs, fit.OmittedProtocols.Count, fit.OmittedAddresses));
    }
}
