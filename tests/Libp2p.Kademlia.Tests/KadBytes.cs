using Google.Protobuf;
using static Libp2p.TestKit.Calls.WireBytes;

namespace Libp2p.Kademlia.Tests;

/// <summary>Messages as js-libp2p writes them, or by hand, behind their lengths.</summary>
internal static class KadBytes
{
    /// <summary>A peer id.</summary>
    public static readonly byte[] Self = Hex("0024 08011220 1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e");

    /// <summary>What is provided: a sha2-256.</summary>
    public static readonly byte[] Multihash = Hex("1220 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae");

    public static readonly byte[] FindNode = Vector("FIND_NODE self");

    /// <summary>With the key, which go leaves out, and one peer that is CONNECTED at /ip4/127.0.0.1/tcp/4001.</summary>
    public static readonly byte[] FoundNode = Vector("FIND_NODE response with one closer peer");

    public static readonly byte[] GetValue = Vector("GET_VALUE /pk/");

    public static readonly byte[] GetProviders = Vector("GET_PROVIDERS");

    public static readonly byte[] AddProvider = Vector("ADD_PROVIDER");

    /// <summary>{ type: GET_VALUE, record: { key: "k", value: "v" } }.</summary>
    public static readonly byte[] GotValue = Hex("0a 0801 1a06 0a016b 120176");

    /// <summary>{ type: PUT_VALUE, key: "k", record: { key: "k", value: "v" } }, and its answer.</summary>
    public static readonly byte[] PutValue = Hex("0d 0800 12016b 1a06 0a016b 120176");

    /// <summary>{ type: GET_PROVIDERS, provider_peers: [Self at /ip4/127.0.0.1/tcp/4001] }.</summary>
    public static readonly byte[] GotProviders = Frame([.. Hex("0803 4a32 0a26"), .. Self, .. Hex("1208 047f000001060fa1")]);

    public static TheoryData<int> FindNodeSplits => SplitsOf(FindNode);

    public static TheoryData<int> FoundNodeSplits => SplitsOf(FoundNode);

    /// <summary>The peer of the answers.</summary>
    public static KadMessage.Types.Peer Peer(KadMessage.Types.ConnectionType? connection)
    {
        KadMessage.Types.Peer peer = new()
        {
            Id = ByteString.CopyFrom(Self),
            Addrs = { ByteString.CopyFrom(4, 127, 0, 0, 1, 6, 0x0f, 0xa1) },
        };
        if (connection is { } known)
        {
            peer.Connection = known;
        }

        return peer;
    }

    private static byte[] Vector(string name) => Frame(TestKit.Calls.WireBytes.Vector("kad_dht.json", name));
}
