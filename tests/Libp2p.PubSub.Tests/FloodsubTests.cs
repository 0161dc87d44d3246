using Libp2p.TestKit.Calls;
using static Libp2p.TestKit.Calls.WireBytes;

namespace Libp2p.PubSub.Tests;

/// <summary>The declaration against a remote whose bytes are js-libp2p's.</summary>
public sealed class FloodsubTests
{
    public static TheoryData<int> RpcSplits => SplitsOf([.. PubSubBytes.Subscriptions, .. PubSubBytes.Message]);

    [Theory]
    [MemberData(nameof(RpcSplits))]
    public async Task Go_sends_RPC_after_RPC_and_nothing_is_written_back(int split)
    {
        Router router = new();
        await using InMemoryOpener opener = InMemoryOpener.To<IFloodsub>(IFloodsub.Protocol, router);
        await using P2PStream stream = await opener.DialAsync(IFloodsub.Protocol);

        await stream.SendSplitAsync([.. PubSubBytes.Subscriptions, .. PubSubBytes.Message], split);
        await router.HasReceivedAsync(2);

        Assert.False(stream.Input.TryRead(out _)); // neither a byte nor an end
        Assert.Null(stream.End);
        await stream.CloseWriteAsync();
        Assert.Equal([null], await opener.RemotesAsync());
        Assert.Equal([("a", true), ("b", false)], router.Received[0].Subscriptions.Select(one => (one.TopicId, one.Subscribe)));
        Assert.Equal("anon", PubSubMessage.Parser.ParseFrom(Assert.Single(router.Received[1].Publish)).Data.ToStringUtf8());
    }

    [Fact]
    public async Task Rust_sends_one_RPC_a_stream()
    {
        Router router = new();
        await using InMemoryOpener opener = InMemoryOpener.To<IFloodsub>(IFloodsub.Protocol, router);
        for (int i = 1; i <= 3; i++)
        {
            await using P2PStream stream = await opener.DialAsync(IFloodsub.Protocol);
            await stream.SendAsync(PubSubBytes.Message);
            await stream.CloseWriteAsync();
            Assert.Empty(await stream.ReceiveAllAsync());
            await router.HasReceivedAsync(i);
        }

        Assert.Equal([null, null, null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task An_initiator_writes_on_one_stream_until_it_ends_it()
    {
        byte[] received = [];
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal("/floodsub/1.0.0", stream.Protocol.Value);
            received = await stream.ReceiveAllAsync();
        });
        await using (MessageWriter<Rpc> writer = await IFloodsub.Protocol.CreateClient(opener).OpenReceiveAsync())
        {
            await writer.WriteAsync(PubSubBytes.Subscribing());
            await writer.WriteAsync(PubSubBytes.Publishing());
            await writer.CompleteAsync();
        }

        Assert.Equal([null], await opener.RemotesAsync());
        Assert.Equal((byte[])[.. PubSubBytes.Subscriptions, .. PubSubBytes.Message], received);
    }

    [Fact]
    public async Task A_remote_that_has_taken_one_RPC_and_ends_ends_the_writer()
    {
        await using InMemoryOpener opener = new(async stream => await stream.ReceiveAsync(PubSubBytes.Message.Length));
        await using MessageWriter<Rpc> writer = await IFloodsub.Protocol.CreateClient(opener).OpenReceiveAsync();
        await writer.WriteAsync(PubSubBytes.Publishing());
        await opener.RemotesAsync();

        await Assert.ThrowsAsync<StreamResetException>(async () => await writer.WriteAsync(PubSubBytes.Publishing()));
    }

    [Fact]
    public async Task No_more_is_sent_than_rust_reads()
    {
        await using InMemoryOpener opener = new(async stream => await stream.ReceiveAllAsync());
        await using MessageWriter<Rpc> writer = await IFloodsub.Protocol.CreateClient(opener).OpenReceiveAsync();

        await writer.WriteAsync(new Rpc { Publish = { Google.Protobuf.ByteString.CopyFrom(new byte[2045]) } });
        await Assert.ThrowsAsync<LimitExceededException>(
            async () => await writer.WriteAsync(new Rpc { Publish = { Google.Protobuf.ByteString.CopyFrom(new byte[2046]) } }));
    }
}
