using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Libp2p.Kademlia;
using Libp2p.Protocols.Identify;
using Libp2p.Protocols.Rendezvous;
using Libp2p.PubSub;

namespace Libp2p.Benchmarks.Codecs;

/// <summary>A message with the elements that it may have.</summary>
internal sealed record CountedMessage(Action<CountingBenchmarks> Use)
{
    /// <summary>
    /// As full as the protocols let them be, under the limits that these declare; the last two are as near to their limit as they can be,
    /// and consist of elements of a few bytes.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, CountedMessage> All = new Dictionary<string, CountedMessage>
    {
        ["identify, 20 protocols, 8 addresses"] = Of(IdentifyMessage.Parser, Identify(), 2048),
        ["kad, 20 peers with 6 addresses"] = Of(KadMessage.Parser, Kad(), 65_536),
        ["pubsub, 60 messages of 1 KiB"] = Of(Rpc.Parser, Publish(), 16_384),
        ["pubsub, 3,000 ids"] = Of(Rpc.Parser, Ids(), 16_384),
        ["rendezvous, 1,000 registrations"] = Of(RendezvousMessage.Parser, Registrations(), 4096),
        ["100 short texts, 110 elements"] = Of(FieldMask.Parser, new FieldMask { Paths = { Enumerable.Range(0, 100).Select(i => $"path/to/{i}") } }, 110),
        ["100 short messages, 110 elements"] = Of(ListValue.Parser, new ListValue { Values = { Enumerable.Range(0, 100).Select(i => Value.ForString($"value {i}")) } }, 110),
    };

    private static CountedMessage Of<T>(MessageParser<T> parser, T message, int maxElements)
        where T : class, IMessage<T>, new() =>
        new(benchmark => benchmark.Use(parser, message, maxElements));

    private static IdentifyMessage Identify() => new()
    {
        PublicKey = Some(36),
        ListenAddrs = { Enumerable.Repeat(Some(8), 8) },
        Protocols = { Enumerable.Range(0, 20).Select(i => $"/some/protocol/{i}/1.0.0") },
        ObservedAddr = Some(8),
        ProtocolVersion = "ipfs/0.1.0",
        AgentVersion = "libp2p-gen/0.1.0",
        SignedPeerRecord = Some(250),
    };

    private static KadMessage Kad() => new()
    {
        Type = KadMessage.Types.MessageType.FindNode,
        Key = Some(34),
        CloserPeers =
        {
            Enumerable.Range(0, 20).Select(_ => new KadMessage.Types.Peer { Id = Some(38), Addrs = { Enumerable.Repeat(Some(12), 6) }, Connection = KadMessage.Types.ConnectionType.CanConnect }),
        },
    };

    private static Rpc Publish() => new() { Publish = { Enumerable.Repeat(Some(1024), 60) } };

    private static Rpc Ids() => new()
    {
        Control = new ControlMessage { IHave = { new ControlIHave { TopicId = "topic", MessageIds = { Enumerable.Repeat(Some(20), 3000) } } } },
    };

    private static RendezvousMessage Registrations() => new()
    {
        Type = RendezvousMessage.Types.MessageType.DiscoverResponse,
        DiscoverResponse = new RendezvousMessage.Types.DiscoverResponse
        {
            Registrations = { Enumerable.Range(0, 1000).Select(_ => new RendezvousMessage.Types.Register { Ns = "namespace", SignedPeerRecord = Some(250), Ttl = 7200 }) },
        },
    };

    private static ByteString Some(int bytes) => ByteString.CopyFrom(new byte[bytes]);
}
