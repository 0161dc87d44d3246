using Google.Protobuf;
using Libp2p.TestKit.Calls;
using static Libp2p.TestKit.Calls.WireBytes;

namespace Libp2p.Kademlia.Tests;

/// <summary>The responder's role, against an initiator whose bytes are js-libp2p's or written by hand.</summary>
public sealed class KadResponderTests
{
    [Theory]
    [MemberData(nameof(KadBytes.FindNodeSplits), MemberType = typeof(KadBytes))]
    public async Task FIND_NODE_is_answered(int split)
    {
        Dht dht = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IKad.Protocol, dht);
        await using P2PStream stream = await opener.DialAsync(IKad.Protocol);

        await stream.SendSplitAsync(KadBytes.FindNode, split);

        Assert.Equal(KadBytes.FoundNode, await stream.ReceiveAsync(KadBytes.FoundNode.Length));
        Assert.Equal(KadBytes.Self, Assert.Single(dht.Asked).Key.ToByteArray());
    }

    [Fact]
    public async Task An_initiator_that_ends_its_direction_is_answered_all_the_same()
    {
        await using InMemoryOpener opener = InMemoryOpener.To(IKad.Protocol, new Dht());
        await using P2PStream stream = await opener.DialAsync(IKad.Protocol);

        await stream.SendAsync(KadBytes.FindNode); // as rust and js do
        await stream.CloseWriteAsync();

        Assert.Equal(KadBytes.FoundNode, await stream.ReceiveAllAsync());
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task Request_after_request_is_answered_on_one_stream_and_ADD_PROVIDER_is_not()
    {
        Dht dht = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IKad.Protocol, dht);
        await using P2PStream stream = await opener.DialAsync(IKad.Protocol);

        await stream.SendAsync(KadBytes.FindNode); // as go does
        Assert.Equal(KadBytes.FoundNode, await stream.ReceiveAsync(KadBytes.FoundNode.Length));
        await stream.SendAsync(KadBytes.AddProvider);
        await stream.SendAsync([.. KadBytes.GetValue, .. KadBytes.PutValue, .. KadBytes.GetProviders]);
        byte[] rest = [.. KadBytes.GotValue, .. KadBytes.PutValue, .. KadBytes.GotProviders];
        Assert.Equal(rest, await stream.ReceiveAsync(rest.Length));
        await stream.CloseWriteAsync();

        Assert.Empty(await stream.ReceiveAllAsync());
        Assert.Equal([null], await opener.RemotesAsync());
        Assert.Equal(
            [
                KadMessage.Types.MessageType.FindNode, KadMessage.Types.MessageType.AddProvider, KadMessage.Types.MessageType.GetValue,
                KadMessage.Types.MessageType.PutValue, KadMessage.Types.MessageType.GetProviders,
            ],
            dht.Asked.Select(message => message.Type));
        Assert.Equal(KadBytes.Self, Assert.Single(dht.Asked[1].ProviderPeers).Id.ToByteArray());
    }

    [Fact]
    public async Task ADD_PROVIDER_has_a_stream_of_its_own_elsewhere()
    {
        Dht dht = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IKad.Protocol, dht);
        await using P2PStream stream = await opener.DialAsync(IKad.Protocol);

        await stream.DripAsync(KadBytes.AddProvider);
        await stream.CloseWriteAsync();

        Assert.Empty(await stream.ReceiveAllAsync());
        Assert.Equal(KadBytes.Multihash, Assert.Single(dht.Asked).Key.ToByteArray());
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task An_absent_type_is_PUT_VALUE_and_the_reply_has_one()
    {
        Dht dht = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IKad.Protocol, dht);
        await using P2PStream stream = await opener.DialAsync(IKad.Protocol);

        await stream.SendAsync([0x0b, .. KadBytes.PutValue[3..]]);

        Assert.Equal(KadBytes.PutValue, await stream.ReceiveAsync(KadBytes.PutValue.Length));
        Assert.Equal([(byte)'v'], Assert.Single(dht.Asked).Record.Value.ToByteArray());
    }

    [Theory]
    [InlineData("02 0805")] // PING, as js would write it
    [InlineData("02 0806")]
    [InlineData("02 1205")] // cut inside the key
    [InlineData("81808002")] // 4 MiB and a byte
    public async Task What_is_no_query_resets_the_stream(string bytes)
    {
        Dht dht = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IKad.Protocol, dht);
        await using P2PStream stream = await opener.DialAsync(IKad.Protocol);

        await stream.SendAsync(Hex(bytes));

        await Assert.ThrowsAsync<StreamResetException>(() => stream.ReceiveAllAsync());
        Assert.IsType<ProtocolViolationException>(Assert.Single(await opener.RemotesAsync()));
        Assert.Empty(dht.Asked);
    }

    [Fact]
    public async Task An_unknown_kind_of_connection_and_a_key_that_is_no_text_are_read()
    {
        Dht dht = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IKad.Protocol, dht);
        await using P2PStream stream = await opener.DialAsync(IKad.Protocol);

        await stream.SendAsync(Hex("0f 0802 1202ff80 4a05 0a0107 1809 5009")); // and a cluster level beside it
        await stream.CloseWriteAsync();
        await stream.ReceiveAllAsync();

        KadMessage message = Assert.Single(dht.Asked);
        Assert.Equal([0xff, 0x80], message.Key.ToByteArray());
        Assert.Equal(9, (int)Assert.Single(message.ProviderPeers).Connection);
    }

    private sealed class Dht : IKad
    {
        public List<KadMessage> Asked { get; } = [];

        public ValueTask<KadMessage> FindNodeAsync(KadMessage request, CallContext context = default) =>
            Answer(request, new KadMessage { Key = request.Key, CloserPeers = { KadBytes.Peer(KadMessage.Types.ConnectionType.Connected) } });

        public ValueTask<KadMessage> GetValueAsync(KadMessage request, CallContext context = default) =>
            Answer(request, new KadMessage { Record = new KadRecord { Key = ByteString.CopyFromUtf8("k"), Value = ByteString.CopyFromUtf8("v") } });

        public ValueTask<KadMessage> PutValueAsync(KadMessage request, CallContext context = default) =>
            Answer(request, new KadMessage { Key = request.Key, Record = request.Record });

        public ValueTask<KadMessage> GetProvidersAsync(KadMessage request, CallContext context = default) =>
            Answer(request, new KadMessage { ProviderPeers = { KadBytes.Peer(null) } });

        public async ValueTask AddProviderAsync(KadMessage request, CallContext context = default) => await Answer(request, request);

        private ValueTask<KadMessage> Answer(KadMessage request, KadMessage answer)
        {
            Asked.Add(request);
            return new(answer);
        }
    }
}
