using System.Buffers.Binary;
using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Calls;

/// <summary>Shapes 7' and 8': one message, then a dialogue or bytes.</summary>
public sealed class FirstMessageTests
{
    [Fact]
    public async Task The_first_message_is_decoded_and_the_dialogue_and_then_the_bytes_follow_it()
    {
        string? first = null;
        string? second = null;
        byte[]? rest = null;
        After after = new()
        {
            OnTalk = async (message, dialogue, context) =>
            {
                (first, second) = (message, await dialogue.ReceiveAsync(context.CancellationToken));
                await dialogue.SendAsync(new byte[] { 7 });
                await using P2PStream stream = dialogue.Detach();
                rest = await stream.ReceiveAllAsync();
            },
        };
        await using InMemoryOpener opener = InMemoryOpener.To<IAfter>(IAfter.Protocol, after);
        await using P2PStream stream = await OpenAsync(opener, "Talk");

        await stream.DripAsync([3, (byte)'a', (byte)'b', (byte)'c', 0, 9, 8]);
        Assert.Equal([1, 7], await stream.ReceiveAsync(2));
        await stream.CloseWriteAsync();

        Assert.Equal([null], await opener.RemotesAsync());
        Assert.Equal(("abc", ""), (first, second));
        Assert.Equal([9, 8], rest);
    }

    [Fact]
    public async Task An_initiator_sends_the_first_message_and_keeps_its_direction_open()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal([3, (byte)'a', (byte)'b', (byte)'c'], await stream.ReceiveAsync(4));
            Assert.False(stream.Input.TryRead(out _)); // neither a byte nor an end
            await stream.SendAsync(2, 5, 6);
            Assert.Equal([1, (byte)'x'], await stream.ReceiveAllAsync());
        });
        await using Dialogue<ReadOnlyMemory<byte>, string> dialogue = await IAfter.Protocol.CreateClient(opener).OpenTalkAsync("abc");

        Assert.Equal([5, 6], (await dialogue.ReceiveAsync()).ToArray());
        await dialogue.SendAsync("x");
        await dialogue.CompleteAsync();

        Assert.Equal([null], await opener.RemotesAsync());
        Assert.True(opener.Requests[0].InitiatorWritesFirst); // negotiation may ride on it
    }

    [Fact]
    public async Task A_number_of_fixed_size_comes_before_bytes()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<IAfter>(IAfter.Protocol, Perf());
        await using P2PStream stream = await OpenAsync(opener, "Measure");

        await stream.SendAsync(0, 0, 0, 0, 0, 0, 0, 5, 1, 2, 3);
        await stream.CloseWriteAsync();

        Assert.Equal([3, 3, 3, 3, 3], await stream.ReceiveAllAsync());
    }

    [Fact]
    public async Task An_initiator_gets_the_raw_stream_behind_its_number()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal([0, 0, 0, 0, 0, 0, 1, 0, 42], await stream.ReceiveAllAsync());
            await stream.SendAsync(4, 5);
        });
        byte[] download = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(download, 256);
        await using P2PStream transfer = await IAfter.Protocol.CreateClient(opener).OpenMeasureAsync(download);

        await transfer.SendAsync(42);
        await transfer.CloseWriteAsync();

        Assert.Equal([4, 5], await transfer.ReceiveAllAsync());
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task A_first_message_of_bytes_is_the_handlers_own_while_it_reads_on()
    {
        byte[]? kept = null;
        After after = new()
        {
            OnMeasure = async (download, transfer, _) =>
            {
                await transfer.ReceiveAllAsync();
                kept = download.ToArray();
            },
        };
        await using InMemoryOpener opener = InMemoryOpener.To<IAfter>(IAfter.Protocol, after);
        await using P2PStream stream = await OpenAsync(opener, "Measure");

        await stream.SendAsync(1, 2, 3, 4, 5, 6, 7, 8);
        await stream.SendAsync(new byte[50_000]);
        await stream.CloseWriteAsync();

        Assert.Equal([null], await opener.RemotesAsync());
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], kept);
    }

    [Fact]
    public async Task A_handshake_has_a_framing_of_its_own()
    {
        await using InMemoryOpener served = InMemoryOpener.To<IAfter>(IAfter.Protocol, new After());
        await using P2PStream stream = await OpenAsync(served, "Shake");
        await stream.DripAsync([0xde, 0xad, 0xbe, 0xef, 1, (byte)'x']);
        Assert.Equal(Wire.Frame("DEADBEEF x"), await stream.ReceiveAllAsync());

        await using InMemoryOpener scripted = new(async remote =>
        {
            Assert.Equal([1, 2, 3, 4, 1, (byte)'y'], await remote.ReceiveAsync(6));
            await remote.SendAsync(Wire.Frame("ok"));
        });
        await using Dialogue<string, string> dialogue = await IAfter.Protocol.CreateClient(scripted).OpenShakeAsync(new byte[] { 1, 2, 3, 4 });
        await dialogue.SendAsync("y");
        Assert.Equal("ok", await dialogue.ReceiveAsync());
    }

    [Fact]
    public async Task An_implementation_is_opened_in_this_process()
    {
        IAfter after = new After
        {
            OnTalk = static async (first, dialogue, _) => await dialogue.SendAsync(new byte[first.Length + (await dialogue.ReceiveAsync()).Length]),
            OnMeasure = Perf().OnMeasure,
        };
        await using Dialogue<ReadOnlyMemory<byte>, string> dialogue = await after.OpenTalkAsync("abc");
        await dialogue.SendAsync("de");
        Assert.Equal(5, (await dialogue.ReceiveAsync()).Length);

        await using P2PStream stream = await after.OpenMeasureAsync(new byte[] { 0, 0, 0, 0, 0, 0, 0, 2 });
        await stream.SendAsync(9);
        await stream.CloseWriteAsync();
        Assert.Equal([1, 1], await stream.ReceiveAllAsync());
    }

    [Fact]
    public async Task The_declared_form_joins_what_is_given_to_the_remote()
    {
        After after = new()
        {
            OnTalk = static async (first, dialogue, _) => await dialogue.SendAsync(new byte[first.Length + (await dialogue.ReceiveAsync()).Length]),
            OnMeasure = Perf().OnMeasure,
        };
        await using InMemoryOpener remote = InMemoryOpener.To<IAfter>(IAfter.Protocol, after);
        await using InMemoryOpener proxy = InMemoryOpener.To(IAfter.Protocol, IAfter.Protocol.CreateClient(remote)); // serves with a client
        IAfter client = IAfter.Protocol.CreateClient(proxy);

        await using Dialogue<ReadOnlyMemory<byte>, string> dialogue = await client.OpenTalkAsync("abc");
        await dialogue.SendAsync("de");
        Assert.Equal(5, (await dialogue.ReceiveAsync()).Length);
        await dialogue.CompleteAsync();
        Assert.False((await dialogue.TryReceiveAsync()).HasMessage);

        await using P2PStream stream = await client.OpenMeasureAsync(new byte[] { 0, 0, 0, 0, 0, 0, 0, 2 });
        await stream.SendAsync(9);
        await stream.CloseWriteAsync();
        Assert.Equal([1, 1], await stream.ReceiveAllAsync());
        Assert.Equal([null, null], await proxy.RemotesAsync());
        Assert.Equal([null, null], await remote.RemotesAsync());
    }

    [Theory]
    [InlineData("Talk", new byte[0])]
    [InlineData("Talk", new byte[] { 3, 97 })]
    [InlineData("Talk", new byte[] { 101 })]
    [InlineData("Talk", new byte[] { 2, 0xff, 0xff })]
    [InlineData("Measure", new byte[] { 1, 2, 3, 4, 5, 6, 7 })]
    [InlineData("Line", new byte[] { 97, 97, 97 })]
    [InlineData("Line", new byte[] { 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97 })]
    public async Task A_first_message_that_is_none_never_reaches_the_handler(string operation, byte[] bytes)
    {
        bool isCalled = false;
        After after = new()
        {
            OnTalk = (_, _, _) => Called(),
            OnMeasure = (_, _, _) => Called(),
            OnLine = (_, _, _) => Called(),
        };
        await using InMemoryOpener opener = InMemoryOpener.To<IAfter>(IAfter.Protocol, after);
        await using P2PStream stream = await OpenAsync(opener, operation);

        await stream.SendLastAsync(bytes);

        Assert.IsType<ProtocolViolationException>(Assert.Single(await opener.RemotesAsync()));
        await Assert.ThrowsAsync<StreamResetException>(() => stream.ReceiveAllAsync());
        Assert.False(isCalled);

        ValueTask Called()
        {
            isCalled = true;
            return default;
        }
    }

    [Fact]
    public async Task A_first_message_that_is_too_long_is_not_sent()
    {
        await using InMemoryOpener opener = new(static async stream => await stream.ReceiveAllAsync());
        IAfter client = IAfter.Protocol.CreateClient(opener);

        await Assert.ThrowsAsync<LimitExceededException>(async () => await client.OpenTalkAsync(new string('x', 101)));
        await Assert.ThrowsAsync<ArgumentException>(async () => await client.OpenMeasureAsync(new byte[7]));

        Assert.All(await opener.RemotesAsync(), failure => Assert.IsType<StreamResetException>(failure)); // not a byte arrived before it
    }

    [Fact]
    public async Task An_answer_that_comes_before_the_first_message_is_read_beats_it()
    {
        await using InMemoryOpener opener = new(
            static async stream =>
            {
                await stream.SendAsync(1, 42);
                stream.CloseRead();
            },
            window: 10);

        await using Dialogue<ReadOnlyMemory<byte>, string> dialogue =
            await IAfter.Protocol.CreateClient(opener).OpenTalkAsync(new string('x', 90)); // does not fit, and nobody reads it

        Assert.Equal([42], (await dialogue.ReceiveAsync()).ToArray());
    }

    [Fact]
    public async Task A_first_message_that_nobody_reads_ends_with_the_calls_time()
    {
        ManualClock clock = new();
        await using InMemoryOpener opener = new(static stream => new(stream.AbortedAsync()), clock, window: 10);
        Task opening = IAfter.Protocol.CreateClient(opener).OpenTalkAsync(new string('x', 90)).AsTask();
        await Eventually.HoldsAsync(() => opener.Opened.Count > 0);

        clock.Advance(TimeSpan.FromSeconds(10));

        await Assert.ThrowsAsync<DeadlineExceededException>(() => opening);
        Assert.Equal(0, clock.TimerCount);
    }

    [Fact]
    public async Task A_caller_gives_the_opening_up()
    {
        using CancellationTokenSource source = new();
        await using InMemoryOpener opener = new(static stream => new(stream.AbortedAsync()), window: 10);
        Task opening = IAfter.Protocol.CreateClient(opener).OpenMeasureAsync(new byte[8], source.Token).AsTask();
        await opening; // eight bytes fit
        Task talking = IAfter.Protocol.CreateClient(opener).OpenTalkAsync(new string('x', 90), source.Token).AsTask();
        await Eventually.HoldsAsync(() => opener.Opened.Count == 2);

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => talking);
        opener.Opened[0].Reset();
    }

    [Fact]
    public async Task Idle_time_runs_while_bytes_follow()
    {
        ManualClock clock = new();
        After echo = new() { OnLine = static async (_, stream, _) => await stream.EchoAsync() };
        await using InMemoryOpener opener = InMemoryOpener.To<IAfter>(IAfter.Protocol, echo, clock);
        await using P2PStream stream = await OpenAsync(opener, "Line");
        await stream.SendAsync("go\r\n"u8.ToArray());
        for (int i = 0; i < 4; i++)
        {
            await stream.SendAsync(1);
            await stream.ReceiveAsync(1);
            clock.Advance(TimeSpan.FromSeconds(4));
        }

        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.IsType<DeadlineExceededException>(Assert.Single(await opener.RemotesAsync()));
    }

    /// <summary>Reads to the end, then sends as many bytes as it was told, each the number of bytes it read.</summary>
    private static After Perf() => new()
    {
        OnMeasure = static async (download, transfer, _) =>
        {
            byte[] uploaded = await transfer.ReceiveAllAsync();
            byte[] answer = new byte[BinaryPrimitives.ReadUInt64BigEndian(download.Span)];
            answer.AsSpan().Fill((byte)uploaded.Length);
            await transfer.SendAsync(answer);
        },
    };

    private static ValueTask<P2PStream> OpenAsync(InMemoryOpener opener, string operation) =>
        opener.OpenStreamAsync(Wire.Request(IAfter.Protocol, operation), default);
}
