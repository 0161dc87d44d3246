using System.Reflection;
using Libp2p.Multiformats;

namespace Libp2p.Tests.Multiformats;

public class MulticodecTests
{
    private static readonly Dictionary<ulong, string> s_names = new()
    {
        [Multicodec.Identity] = "identity",
        [Multicodec.Sha1] = "sha1",
        [Multicodec.Sha2256] = "sha2-256",
        [Multicodec.Sha2512] = "sha2-512",
        [Multicodec.Sha3512] = "sha3-512",
        [Multicodec.Sha3384] = "sha3-384",
        [Multicodec.Sha3256] = "sha3-256",
        [Multicodec.DoubleSha2256] = "dbl-sha2-256",
        [Multicodec.Raw] = "raw",
        [Multicodec.DagPb] = "dag-pb",
        [Multicodec.DagCbor] = "dag-cbor",
        [Multicodec.Libp2pKey] = "libp2p-key",
        [Multicodec.Libp2pPeerRecord] = "libp2p-peer-record",
        [Multicodec.Libp2pRelayReservation] = "libp2p-relay-rsvp",
        [Multicodec.TransportIpfsGatewayHttp] = "transport-ipfs-gateway-http",
    };

    [Fact]
    public void Constants_are_those_of_the_table()
    {
        HashSet<(string, ulong)> table =
            [.. VectorFile.Rows("multicodec/table.json", "rows").Select(static row => (row[0].GetString()!, row[2].GetUInt64()))];

        Assert.All(s_names, pair => Assert.Contains((pair.Value, pair.Key), table));
        Assert.Equal(s_names.Count, typeof(Multicodec).GetFields(BindingFlags.Public | BindingFlags.Static).Length);
    }

    [Fact]
    public void Every_multiaddress_protocol_of_the_table_is_known() =>
        Assert.All(VectorFile.Rows("multicodec/table.json", "rows").Where(static row => row[1].GetString() == "multiaddr"), static row =>
        {
            Assert.True(MultiaddressProtocol.TryGet(row[2].GetInt32(), out MultiaddressProtocol? protocol));
            Assert.Equal(row[0].GetString(), protocol.Name);
        });
}
