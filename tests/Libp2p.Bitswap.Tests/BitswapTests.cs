using Google.Protobuf;
using Libp2p.Connections;
using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;
using static Libp2p.TestKit.Calls.WireBytes;

namespace Libp2p.Bitswap.Tests;

/// <summary>The declaration against a remote that is a script of bytes.</summary>
public sealed class BitswapTests
{
    private const string Hash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"; // sha2-256 of "hello"

    private static readonly byte[] s_cid = Hex("01551220" + Hash);

    // { wantlist: { entries: [{ block: s_cid, priority: 1, want_type: HAVE, send_dont_have: true }], full: true } }.
    private static readonly byte[] s_want = Hex("32 0a30 0a2c 0a24 01551220" + Hash + "1001 2001 2801 1001");

    // Before 1.1 { blocks: ["hello"] }, since then { payload: [{ prefix: 01 55 12 20, data: "hello" }] }.
    private static readonly byte[] s_block = Hex("07 1205 68656c6c6f");
    private static readonly byte[] s_payload = Hex("0f 1a0d 0a04 01551220 1205 68656c6c6f");

    // { block_presences: [{ cid: s_cid, type: DONT_HAVE }], pending_bytes: 7 }.
    private static readonly byte[] s_presence = Hex("2c 2228 0a24 01551220" + Hash + "1001 2807");

    private readonly ManualClock _clock = new();

    public static TheoryData<int> MessageSplits => SplitsOf([.. s_want, .. s_payload]);

    [Theory]
    [MemberData(nameof(MessageSplits))]
    public async Task A_responder_takes_messages_and_writes_nothing_back(int split)
    {
        Engine engine = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IBitswap.Protocol, engine);
        await using P2PStream stream = await opener.DialAsync(IBitswap.Protocol);

        await stream.SendSplitAsync([.. s_want, .. s_payload], split);
        await engine.HasReceivedAsync(2);

        Assert.False(stream.Input.TryRead(out _)); // what we answer goes out on a stream of ours
        Assert.Null(stream.End);
        await stream.CloseWriteAsync();
        Assert.Equal([null], await opener.RemotesAsync());
        BitswapMessage.Types.Wantlist wantlist = engine.Received[0].Message.Wantlist;
        BitswapMessage.Types.Wantlist.Types.Entry entry = Assert.Single(wantlist.Entries);
        Assert.True(wantlist.Full && entry.SendDontHave);
        Assert.Equal(s_cid, entry.Block.ToByteArray());
        Assert.Equal((1, BitswapMessage.Types.Wantlist.Types.WantType.Have), (entry.Priority, entry.WantType));
        Assert.Equal("hello", Assert.Single(engine.Received[1].Message.Payload).Data.ToStringUtf8());
    }

    [Theory]
    [InlineData("/ipfs/bitswap/1.2.0")]
    [InlineData("/ipfs/bitswap/1.1.0")]
    [InlineData("/ipfs/bitswap/1.0.0")]
    [InlineData("/ipfs/bitswap")]
    public async Task A_stream_may_carry_one_message_and_tells_the_id_that_was_agreed(string id)
    {
        Engine engine = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IBitswap.Protocol, engine);
        for (int i = 0; i < 3; i++) // as boxo's server opens them
        {
            await using P2PStream stream = await opener.OpenStreamAsync(new StreamRequest([id]), default);
            await stream.SendAsync(s_block);
            await stream.CloseWriteAsync();
            Assert.Empty(await stream.ReceiveAllAsync());
        }

        Assert.Equal([null, null, null], await opener.RemotesAsync());
        Assert.All(engine.Received, one => Assert.Equal((id, "hello"), (one.Id, Assert.Single(one.Message.Blocks).ToStringUtf8())));
    }

    [Fact]
    public async Task An_initiator_writes_message_after_message_on_one_stream()
    {
        byte[] received = [];
        await using InMemoryOpener opener = new(async stream => received = await stream.ReceiveAllAsync());
        await using (MessageWriter<BitswapMessage> writer = await IBitswap.Protocol.CreateClient(opener).OpenReceiveAsync())
        {
            Assert.Equal("/ipfs/bitswap/1.2.0", writer.Protocol.Value);
            await writer.WriteAsync(Want());
            await writer.WriteAsync(new BitswapMessage { Blocks = { ByteString.CopyFromUtf8("hello") } });
            await writer.WriteAsync(new BitswapMessage
            {
                Payload = { new BitswapMessage.Types.Block { Prefix = ByteString.CopyFrom(1, 0x55, 0x12, 0x20), Data = ByteString.CopyFromUtf8("hello") } },
            });
            await writer.WriteAsync(new BitswapMessage
            {
                BlockPresences = { new BitswapMessage.Types.BlockPresence { Cid = ByteString.CopyFrom(s_cid), Type = BitswapMessage.Types.BlockPresenceType.DontHave } },
                PendingBytes = 7,
            });
            await writer.CompleteAsync();
        }

        Assert.Equal([null], await opener.RemotesAsync());
        Assert.Equal(
            ["/ipfs/bitswap/1.2.0", "/ipfs/bitswap/1.1.0", "/ipfs/bitswap/1.0.0", "/ipfs/bitswap"], opener.Requests[0].Protocols.Select(id => id.Value));
        Assert.Equal((byte[])[.. s_want, .. s_block, .. s_payload, .. s_presence], received);
    }

    [Fact]
    public async Task A_stream_that_broke_is_opened_again_and_begins_with_all_we_want()
    {
        int streams = 0;
        byte[] next = [];
        await using InMemoryOpener opener = new(
            async stream =>
            {
                Assert.Equal(s_want, await stream.ReceiveAsync(s_want.Length));
                if (++streams == 1)
                {
                    stream.Reset();
                    return;
                }

                next = await stream.ReceiveAllAsync();
            },
            _clock);
        MessageWriter<BitswapMessage> writer = await IBitswap.Protocol.CreateClient(opener).OpenReceiveAsync(static _ => [Want()]);
        await Eventually.HoldsAsync(() =>
        {
            if (_clock.NextDue is { } due && due < TimeSpan.FromSeconds(1))
            {
                _clock.Advance(due); // the back-off
            }

            return streams == 2;
        });

        await writer.WriteAsync(new BitswapMessage { Blocks = { ByteString.CopyFromUtf8("hello") } });
        await writer.CompleteAsync();
        await writer.DisposeAsync();
        await opener.RemotesAsync();

        Assert.Equal(s_block, next);
    }

    [Theory]
    [InlineData("81808002")] // 4 MiB and a byte
    [InlineData("02 0a05")] // a list that is longer than the message
    [InlineData("05 0a03")] // cut
    public async Task What_is_no_message_resets_the_stream(string bytes)
    {
        Engine engine = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IBitswap.Protocol, engine);
        await using P2PStream stream = await opener.DialAsync(IBitswap.Protocol);

        await stream.SendAsync(Hex(bytes));
        await stream.CloseWriteAsync();

        Assert.IsType<ProtocolViolationException>(Assert.Single(await opener.RemotesAsync()));
        Assert.Empty(engine.Received);
    }

    private static BitswapMessage Want() => new()
    {
        Wantlist = new BitswapMessage.Types.Wantlist
        {
            Entries =
            {
                new BitswapMessage.Types.Wantlist.Types.Entry
                {
                    Block = ByteString.CopyFrom(s_cid),
                    Priority = 1,
                    WantType = BitswapMessage.Types.Wantlist.Types.WantType.Have,
                    SendDontHave = true,
                },
            },
            Full = true,
        },
    };

    /// <summary>Takes messages, and remembers them and the id they came by.</summary>
    private sealed class Engine : IBitswap
    {
        private readonly Lock _gate = new();
        private readonly List<(string? Id, BitswapMessage Message)> _received = [];

        public IReadOnlyList<(string? Id, BitswapMessage Message)> Received
        {
            get
            {
                lock (_gate)
                {
                    return [.. _received];
                }
            }
        }

        public async ValueTask ReceiveAsync(IAsyncEnumerable<BitswapMessage> messages, CallContext context = default)
        {
            await foreach (BitswapMessage message in messages.WithCancellation(context.CancellationToken))
            {
                lock (_gate)
                {
                    _received.Add((context.Protocol?.Value, message));
                }
            }
        }

        public Task HasReceivedAsync(int count) => Eventually.HoldsAsync(() => Received.Count >= count);
    }
}
