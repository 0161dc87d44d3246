using Google.Protobuf;
using Libp2p.TestKit.Calls;
using static Libp2p.TestKit.Calls.WireBytes;

namespace Libp2p.Kademlia.Tests;

/// <summary>The initiator's role, against a responder whose bytes are js-libp2p's or written by hand.</summary>
public sealed class KadInitiatorTests
{
    [Theory]
    [MemberData(nameof(KadBytes.FoundNodeSplits), MemberType = typeof(KadBytes))]
    public async Task FIND_NODE_asks_and_is_answered(int split)
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal("/ipfs/kad/1.0.0", stream.Protocol.Value);
            Assert.Equal(KadBytes.FindNode, await stream.ReceiveAsync(KadBytes.FindNode.Length));
            await stream.SendSplitAsync(KadBytes.FoundNode, split);
            Assert.Empty(await stream.ReceiveAllAsync());
        });

        KadMessage answer = await IKad.Protocol.CreateClient(opener).FindNodeAsync(new KadMessage { Key = ByteString.CopyFrom(KadBytes.Self) });

        KadMessage.Types.Peer peer = Assert.Single(answer.CloserPeers);
        Assert.Equal(KadBytes.Self, peer.Id.ToByteArray());
        Assert.Equal(KadMessage.Types.ConnectionType.Connected, peer.Connection);
    }

    [Fact]
    public async Task Queries_share_a_stream_and_ADD_PROVIDER_has_its_own()
    {
        byte[] pushed = [];
        int streams = 0;
        await using InMemoryOpener opener = new(async stream =>
        {
            if (++streams == 2)
            {
                pushed = await stream.ReceiveAllAsync(); // its end tells that all is there; nothing is answered
                return;
            }

            Assert.Equal(KadBytes.GetValue, await stream.ReceiveAsync(KadBytes.GetValue.Length));
            await stream.SendAsync(KadBytes.GotValue);
            Assert.Equal(KadBytes.PutValue, await stream.ReceiveAsync(KadBytes.PutValue.Length));
            await stream.SendAsync(KadBytes.PutValue);
            Assert.Equal(KadBytes.GetProviders, await stream.ReceiveAsync(KadBytes.GetProviders.Length));
            await stream.SendAsync(KadBytes.GotProviders);
            Assert.Empty(await stream.ReceiveAllAsync());
        });
        IKad kad = IKad.Protocol.CreateClient(opener);
        KadRecord record = new() { Key = ByteString.CopyFromUtf8("k"), Value = ByteString.CopyFromUtf8("v") };
        ByteString multihash = ByteString.CopyFrom(KadBytes.Multihash);

        KadMessage got = await kad.GetValueAsync(new KadMessage { Key = ByteString.CopyFrom([.. "/pk/"u8, .. KadBytes.Self]) });
        KadMessage put = await kad.PutValueAsync(new KadMessage { Key = record.Key, Record = record });
        await kad.AddProviderAsync(new KadMessage { Key = multihash, ProviderPeers = { KadBytes.Peer(null) } });
        KadMessage providers = await kad.GetProvidersAsync(new KadMessage { Key = multihash });
        await opener.DisposeAsync();

        Assert.Equal([null, null], await opener.RemotesAsync());
        Assert.Equal((record, record), (got.Record, put.Record));
        Assert.Equal(KadBytes.Self, Assert.Single(providers.ProviderPeers).Id.ToByteArray());
        Assert.Equal(KadBytes.AddProvider, pushed);
    }

    [Fact]
    public async Task A_stale_stream_is_replaced_by_a_fresh_one_once()
    {
        int streams = 0;
        await using InMemoryOpener opener = new(async stream =>
        {
            streams++;
            await stream.ReceiveAsync(KadBytes.FindNode.Length);
            await stream.SendAsync(KadBytes.FoundNode); // and ends, as rust and js do after one answer
        });
        IKad kad = IKad.Protocol.CreateClient(opener);
        for (int i = 0; i < 3; i++)
        {
            Assert.Single((await kad.FindNodeAsync(new KadMessage { Key = ByteString.CopyFrom(KadBytes.Self) })).CloserPeers);
        }

        Assert.Equal(3, streams);
    }

    [Fact]
    public async Task An_absent_type_is_PUT_VALUEs_answer() =>
        Assert.Equal("v", (await AskAsync([0x0b, .. KadBytes.PutValue[3..]], static (kad, message) => kad.PutValueAsync(message))).Record.Value.ToStringUtf8());

    [Theory]
    [InlineData("02 0801")] // GET_VALUE
    [InlineData("00")] // absent, which is PUT_VALUE
    [InlineData("02 0805")] // PING
    [InlineData("")]
    [InlineData("81808002")] // 4 MiB and a byte
    public async Task Another_reply_than_was_asked_for_is_a_violation(string reply) =>
        await Assert.ThrowsAsync<ProtocolViolationException>(() => AskAsync(Hex(reply), static (kad, message) => kad.FindNodeAsync(message)));

    [Fact]
    public async Task A_refusal_is_a_reset_and_the_querys_alone()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.ReceiveAsync(3);
            stream.Reset();
        });

        await Assert.ThrowsAsync<StreamResetException>(async () => await IKad.Protocol.CreateClient(opener).PutValueAsync(new KadMessage()));
    }

    [Theory]
    [InlineData(16 * 1024 - 5, true)]
    [InlineData(16 * 1024 - 4, false)]
    public async Task No_more_is_sent_than_rust_reads(int key, bool isSent)
    {
        await using InMemoryOpener opener = new(async stream => await stream.ReceiveAllAsync());

        Exception? failure = await Record.ExceptionAsync(
            async () => await IKad.Protocol.CreateClient(opener).AddProviderAsync(new KadMessage { Key = ByteString.CopyFrom(new byte[key]) }));

        Assert.Equal(isSent ? null : typeof(LimitExceededException), failure?.GetType());
    }

    [Fact]
    public async Task The_network_is_a_part_of_the_id()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal("/ipfs/lan/kad/1.0.0", stream.Protocol.Value);
            await stream.ReceiveAllAsync();
        });

        await IKad.Protocol.Bind(network: "ipfs/lan").CreateClient(opener).AddProviderAsync(new KadMessage());

        Assert.Equal([null], await opener.RemotesAsync());
    }

    private static async Task<KadMessage> AskAsync(byte[] reply, Func<IKad, KadMessage, ValueTask<KadMessage>> ask)
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.ReceiveAsync(3);
            await stream.SendAsync(reply);
        });
        return await ask(IKad.Protocol.CreateClient(opener), new KadMessage());
    }
}
