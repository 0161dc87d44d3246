using System.Text.Json;
using Google.Protobuf;
using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Protocols.Identify;
using Libp2p.TestKit.Calls;

namespace Libp2p.Protocols.Tests.Identify;

/// <summary>Identify and push over the bytes that another implementation wrote, in both roles, all its fields.</summary>
public sealed class IdentifyVectorTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    // The Ed25519 pair of libp2p/specs, peer-ids: the vector's.
    private static readonly PrivateKey s_key = PrivateKey.FromProtobuf(
        WireBytes.Hex("08011240 7e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d 1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e"),
        CryptoEngine.Default);

    private static readonly byte[] s_wire = WireBytes.Frame(WireBytes.Vector("identify.json", "full"));
    private static readonly JsonElement s_vector = Load();

    [Fact]
    public async Task An_initiator_reads_every_field()
    {
        await using InMemoryOpener opener = new(stream => new ValueTask(stream.SendAsync(s_wire)));

        AssertFields(await IIdentify.Protocol.CreateClient(opener).IdentifyAsync());
    }

    [Fact]
    public async Task A_responder_takes_every_field_of_a_push()
    {
        Keeping handler = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IIdentifyPush.Protocol, handler);
        await using P2PStream stream = await opener.DialAsync(IIdentifyPush.Protocol);
        await stream.SendLastAsync(s_wire);

        Assert.Equal([null], await opener.RemotesAsync());
        AssertFields(handler.Pushed!);
    }

    [Fact]
    public async Task A_responder_writes_the_same_fields_with_the_same_bytes()
    {
        Keeping handler = new() { Description = IdentifyMessage.Parser.ParseFrom(WireBytes.Vector("identify.json", "full")) };
        await using InMemoryOpener opener = InMemoryOpener.To(IIdentify.Protocol, handler);
        await using P2PStream stream = await opener.DialAsync(IIdentify.Protocol);
        byte[] wire = await stream.ReceiveAllAsync();

        Assert.Equal(s_wire.Length, wire.Length);
        Assert.Equal(Fields(s_wire), Fields(wire)); // js writes them in another order
    }

    [Fact]
    public async Task A_node_believes_it_from_the_owner_of_its_key_asked_and_by_a_push()
    {
        await using Libp2pNode foreign = await Libp2pNode.StartAsync(node => node.Identity(s_key).Listen("/ip4/127.0.0.1/tcp/0").Handle(new Saying()));
        await using Libp2pNode ours = await Libp2pNode.StartAsync(node => node.Use(new IdentifyService(new IdentifyOptions())));
        using IEventSubscription<PeerIdentified> identified = ours.Events.Subscribe<PeerIdentified>();
        await using IAsyncEnumerator<PeerIdentified> told = identified.GetAsyncEnumerator();
        IPeerConnection connection = await ours.ConnectAsync(foreign.Addresses[0]);

        Assert.True(await told.MoveNextAsync().AsTask().WaitAsync(s_patience));
        Assert.False(told.Current.IsPush);
        AssertDescription(told.Current.Description);

        await using (P2PStream push = await foreign.Connections[0].OpenStreamAsync(new StreamRequest(["/ipfs/id/push/1.0.0"]), CancellationToken.None))
        {
            await push.SendLastAsync(s_wire);
            Assert.Empty(await push.ReceiveAllAsync().WaitAsync(s_patience));
        }

        Assert.True(await told.MoveNextAsync().AsTask().WaitAsync(s_patience));
        Assert.True(told.Current.IsPush);
        AssertDescription(told.Current.Description);
        Assert.False(connection.Completion.IsCompleted);
    }

    private static void AssertFields(IdentifyMessage message)
    {
        Assert.Equal(s_key.PublicKey.ToProtobuf().ToArray(), message.PublicKey.ToByteArray());
        Assert.Equal(Texts("listen"), message.ListenAddrs.Select(address => Multiaddress.FromBytes(address.Span).ToString()));
        Assert.Equal(Texts("protocols"), message.Protocols);
        Assert.Equal(Text("observed"), Multiaddress.FromBytes(message.ObservedAddr.Span).ToString());
        Assert.Equal(Text("protocol_version"), message.ProtocolVersion);
        Assert.Equal(Text("agent_version"), message.AgentVersion);
        PeerRecord record = PeerRecord.Parse(SignedEnvelope.Parse(message.SignedPeerRecord.Span).Payload.Span);
        Assert.Equal(Text("peer_id"), record.Peer.ToString());
        Assert.Equal(Texts("listen"), record.Addresses.Select(address => address.ToString()));
    }

    private static void AssertDescription(PeerDescription description)
    {
        Assert.Equal(Text("peer_id"), description.Peer.ToString());
        Assert.Equal(Texts("listen"), description.Addresses.Select(address => address.ToString()));
        Assert.NotNull(description.Record); // whose signature is right
        Assert.Null(description.RecordFault);
        Assert.Equal(Texts("protocols"), description.Protocols.Select(id => id.Value));
        Assert.Equal(Text("observed"), description.ObservedAddress?.ToString());
        Assert.Equal(Text("protocol_version"), description.ProtocolVersion);
        Assert.Equal(Text("agent_version"), description.AgentVersion);
    }

    /// <summary>Numbers and bytes of the fields of a framed message, by number and then as they come.</summary>
    private static List<(uint Tag, string Bytes)> Fields(byte[] wire)
    {
        CodedInputStream input = new(wire);
        Assert.Equal(input.ReadLength(), wire.Length - (int)input.Position);
        List<(uint Tag, string Bytes)> fields = [];
        while (input.ReadTag() is > 0 and uint tag)
        {
            fields.Add((tag, Convert.ToHexString(input.ReadBytes().Span)));
        }

        return [.. fields.OrderBy(field => field.Tag)];
    }

    private static string Text(string name) => s_vector.GetProperty(name).GetString()!;

    private static IEnumerable<string> Texts(string name) => s_vector.GetProperty(name).EnumerateArray().Select(text => text.GetString()!);

    private static JsonElement Load()
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Vectors", "messages", "identify.json"));
        using JsonDocument document = JsonDocument.Parse(file);
        return document.RootElement.GetProperty("messages").EnumerateArray().Single().Clone();
    }

    private sealed class Keeping : IIdentify, IIdentifyPush
    {
        public IdentifyMessage Description { get; init; } = new();

        public IdentifyMessage? Pushed { get; private set; }

        public ValueTask<IdentifyMessage> IdentifyAsync(CallContext context = default) => new(Description);

        public ValueTask PushAsync(IdentifyMessage description, CallContext context = default)
        {
            Pushed = description;
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Says the vector to whoever asks.</summary>
    private sealed class Saying : StreamHandler
    {
        public override IReadOnlyList<ProtocolId> Ids { get; } = ["/ipfs/id/1.0.0"];

        public override async ValueTask HandleAsync(P2PStream stream, CancellationToken cancellationToken) => await stream.SendAsync(s_wire);
    }
}
