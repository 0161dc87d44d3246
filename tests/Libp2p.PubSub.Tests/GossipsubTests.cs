using System.Text.Json;
using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;
using static Libp2p.TestKit.Calls.WireBytes;

namespace Libp2p.PubSub.Tests;

/// <summary>The declaration against a remote whose bytes are js-libp2p's or written by hand.</summary>
public sealed class GossipsubTests
{
    // Rpc { control: { extensions: { partial_messages: true } } }: since 1.3, in the first RPC.
    private static readonly byte[] s_extensions = Hex("06 1a04 3202 5001");

    private static readonly byte[] s_graft = PubSubBytes.OfJs("GRAFT"); // { control: { graft: [{ topic_id: "t" }] } }

    private readonly ManualClock _clock = new();

    public static TheoryData<int> RpcSplits => SplitsOf([.. PubSubBytes.Subscriptions, .. s_extensions, .. s_graft]);

    [Theory]
    [MemberData(nameof(RpcSplits))]
    public async Task On_a_stream_of_the_remotes_nothing_is_written_and_nothing_ended(int split)
    {
        Router router = new();
        await using InMemoryOpener opener = InMemoryOpener.To<IGossipsub>(IGossipsub.Protocol, router);
        await using P2PStream stream = await opener.DialAsync(IGossipsub.Protocol);

        await stream.SendSplitAsync([.. PubSubBytes.Subscriptions, .. s_extensions, .. s_graft], split);
        await router.HasReceivedAsync(3);

        Assert.False(stream.Input.TryRead(out _)); // go would take a byte or an end for our death
        Assert.Null(stream.End);
        await stream.CloseWriteAsync();
        Assert.Equal([null], await opener.RemotesAsync());
        Assert.Equal([("a", true), ("b", false)], router.Received[0].Subscriptions.Select(one => (one.TopicId, one.Subscribe)));
        Assert.True(router.Received[1].Control.Extensions.PartialMessages);
        Assert.Equal("t", Assert.Single(router.Received[2].Control.Graft).TopicId);
    }

    [Fact]
    public async Task Every_kind_of_control_is_read()
    {
        Router router = new();
        await SendAsync(router, [.. PubSubBytes.OfJs("PRUNE with backoff 60"), .. PubSubBytes.OfJs("IHAVE"), .. PubSubBytes.OfJs("IWANT"), .. PubSubBytes.OfJs("IDONTWANT")]);

        ControlMessage[] control = [.. router.Received.Select(rpc => rpc.Control)];
        Assert.Equal(("t", 60ul), (control[0].Prune[0].TopicId, control[0].Prune[0].Backoff));
        Assert.Equal(["id1", "id2"], control[1].IHave[0].MessageIds.Select(id => id.ToStringUtf8()));
        Assert.Equal("id1", control[2].IWant[0].MessageIds[0].ToStringUtf8());
        Assert.Equal("id1", control[3].IDontWant[0].MessageIds[0].ToStringUtf8());
    }

    [Fact]
    public async Task One_RPC_may_hold_every_field_and_absurd_numbers()
    {
        Router router = new();
        await SendAsync(
            router,
            Hex("1e 0a00 1200 1a11 0a00 1200 1a00 2200 2a00 3205 9091e21801 5200 9291e21800"),
            Hex("12 1a10 220e 0a0174 18 80808080808080808001")); // PRUNE with a back-off of 2^63 s

        Rpc all = router.Received[0];
        Assert.Equal((1, 1), (all.Subscriptions.Count, all.Publish.Count));
        Assert.Equal(
            (1, 1, 1, 1, 1),
            (all.Control.IHave.Count, all.Control.IWant.Count, all.Control.Graft.Count, all.Control.Prune.Count, all.Control.IDontWant.Count));
        Assert.True(all.Control.Extensions.TestExtension);
        Assert.NotNull(all.Partial);
        Assert.NotNull(all.TestExtension);
        Assert.Equal(1ul << 63, router.Received[1].Control.Prune[0].Backoff);
    }

    [Theory]
    [InlineData("ed25519")]
    [InlineData("secp256k1")]
    [InlineData("rsa")]
    public async Task A_signed_message_is_there_as_the_bytes_that_came(string key)
    {
        Router router = new();
        JsonElement row = PubSubBytes.Signed(key);
        await SendAsync(router, Frame(Hex(row.GetProperty("rpc_hex").GetString()!)));

        byte[] message = Assert.Single(router.Received[0].Publish).ToByteArray();
        Assert.Equal(row.GetProperty("message_hex").GetString(), Convert.ToHexStringLower(message));
        PubSubMessage decoded = PubSubMessage.Parser.ParseFrom(message);
        Assert.Equal(row.GetProperty("signature_hex").GetString(), Convert.ToHexStringLower(decoded.Signature.Span));
        Assert.Equal(("test-topic", "hello gossip"), (decoded.Topic, decoded.Data.ToStringUtf8()));
    }

    [Theory]
    [InlineData(16_384, true)]
    [InlineData(16_385, false)]
    public async Task Elements_are_bounded(int messages, bool isTaken)
    {
        Router router = new();
        await using InMemoryOpener opener = InMemoryOpener.To<IGossipsub>(IGossipsub.Protocol, router);
        await using P2PStream stream = await opener.DialAsync(IGossipsub.Protocol);

        await stream.SendAsync(Frame([.. Enumerable.Repeat<byte[]>([0x12, 0], messages).SelectMany(empty => empty)]));
        await stream.CloseWriteAsync();

        Exception? failure = Assert.Single(await opener.RemotesAsync());
        Assert.Equal(isTaken ? null : typeof(ProtocolViolationException), failure?.GetType());
    }

    [Fact]
    public async Task A_stream_begins_with_the_hello_for_the_agreed_id()
    {
        byte[] received = [];
        await using InMemoryOpener opener = new(async stream => received = await stream.ReceiveAllAsync());
        await using (MessageWriter<Rpc> writer = await IGossipsub.Protocol.CreateClient(opener).OpenReceiveAsync(Hello))
        {
            await writer.WriteAsync(Graft());
            await writer.CompleteAsync();
        }

        Assert.Equal([null], await opener.RemotesAsync());
        Assert.Equal(["/meshsub/1.3.0", "/meshsub/1.2.0", "/meshsub/1.1.0", "/meshsub/1.0.0"], opener.Requests[0].Protocols.Select(id => id.Value));
        Assert.Equal((byte[])[.. s_extensions, .. PubSubBytes.Subscriptions, .. s_graft], received);
    }

    [Theory]
    [InlineData("byte")]
    [InlineData("end")]
    [InlineData("reset")]
    public async Task Whatever_comes_on_a_stream_of_ours_costs_it_and_the_next_one_begins_with_the_hello(string what)
    {
        byte[] hello = [.. s_extensions, .. PubSubBytes.Subscriptions];
        int greeted = 0;
        byte[] next = [];
        await using InMemoryOpener opener = new(
            async stream =>
            {
                Assert.Equal(hello, await stream.ReceiveAsync(hello.Length));
                if (++greeted == 2)
                {
                    next = await stream.ReceiveAllAsync();
                }
                else if (what == "byte")
                {
                    await stream.SendAsync(0);
                    await stream.ReceiveAllAsync();
                }
                else if (what == "reset")
                {
                    stream.Reset();
                }
            },
            _clock);
        MessageWriter<Rpc> writer = await IGossipsub.Protocol.CreateClient(opener).OpenReceiveAsync(Hello);
        await Eventually.HoldsAsync(() =>
        {
            if (_clock.NextDue is { } due && due < TimeSpan.FromSeconds(1))
            {
                _clock.Advance(due); // the back-off
            }

            return greeted == 2;
        });

        await writer.WriteAsync(Graft());
        await writer.CompleteAsync();
        await writer.DisposeAsync();
        await opener.RemotesAsync();

        Assert.Equal(s_graft, next);
        Assert.Equal(2, opener.Opened.Count);
    }

    [Fact]
    public void One_stream_a_peer_and_direction_and_the_newest_wins()
    {
        OperationSettings settings = IGossipsub.Protocol.Settings("Receive");

        Assert.Equal((1, 1, WhenFull.ReplaceOldest), (settings.Limits.InboundPerPeer, settings.Limits.OutboundPerPeer, settings.Limits.WhenFull));
        Assert.Equal((null, null), (settings.Limits.Exchange, settings.Limits.Idle));
        Assert.Equal((Size.MiB, 64 * Size.KiB), (settings.Limits.MaxRequest, settings.Limits.MaxSend));
        Assert.Single(IGossipsub.Protocol.CreateHandlers(new Router()));
    }

    private static IEnumerable<Rpc> Hello(ProtocolId agreed)
    {
        if (agreed.Value == "/meshsub/1.3.0")
        {
            yield return new Rpc { Control = new ControlMessage { Extensions = new ControlExtensions { PartialMessages = true } } };
        }

        yield return PubSubBytes.Subscribing();
    }

    private static Rpc Graft() => new() { Control = new ControlMessage { Graft = { new ControlGraft { TopicId = "t" } } } };

    /// <summary>Plays a remote whose stream carries these bytes and ends.</summary>
    private static async Task SendAsync(Router router, params byte[][] frames)
    {
        await using InMemoryOpener opener = InMemoryOpener.To<IGossipsub>(IGossipsub.Protocol, router);
        await using P2PStream stream = await opener.DialAsync(IGossipsub.Protocol);
        foreach (byte[] frame in frames)
        {
            await stream.DripAsync(frame);
        }

        await stream.CloseWriteAsync();
        Assert.Equal([null], await opener.RemotesAsync());
    }
}
