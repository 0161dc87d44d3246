using Google.Protobuf.WellKnownTypes;
using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Calls;

/// <summary>Hostile streams, in both roles: each ends with the right error and code, in bounded memory and time.</summary>
public sealed class AttackTests
{
    private readonly ManualClock _clock = new();

    public static TheoryData<string, string> Responses => Cross(
        ["Ask", "Maybe", "Get", "List", "Watch", "Chat", "Sum", "OpenSum", "OpenAgree"],
        ["oversize", "endless prefix", "padded prefix", "half a prefix", "truncated", "truncated and long"]);

    public static TheoryData<string, string> Requests => Cross(
        ["Ask", "Maybe", "Tell", "List", "Pour", "Sum", "Chat", "Agree"],
        ["oversize", "endless prefix", "padded prefix", "half a prefix", "truncated", "truncated and long", "garbage"]);

    [Theory]
    [MemberData(nameof(Responses))]
    public async Task A_malformed_response_fails_the_call_and_resets_with_a_violation(string operation, string attack)
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            foreach (byte one in Bytes(attack))
            {
                await stream.SendAsync(one); // one byte at a time
            }
        });
        ITalk client = ITalk.Protocol.CreateClient(opener);

        ProtocolViolationException e = await Assert.ThrowsAsync<ProtocolViolationException>(() => CallAsync(client, operation));

        Assert.StartsWith("/talk/1.1.0/", e.Message, StringComparison.Ordinal);
        Assert.Equal((EndedBy.Violation, ErrorCode.ProtocolViolation), (e.Reason.By, e.Reason.Code));
        Assert.NotNull(opener.Opened[0].End);
        await opener.RemotesAsync();
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_malformed_request_fails_the_handler_and_resets_with_a_violation(string operation, string attack)
    {
        Talk talk = new()
        {
            OnAgree = async (dialogue, context) => await dialogue.ReceiveAsync(context.CancellationToken),
        };
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk);
        await using P2PStream stream = await opener.OpenAsync(operation);
        await stream.SendLastAsync(Bytes(attack));

        ProtocolViolationException e = Assert.IsType<ProtocolViolationException>(Assert.Single(await opener.RemotesAsync()));

        Assert.StartsWith("/talk/1.1.0/", e.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.ProtocolViolation, stream.End!.Code);
        Assert.Empty(talk.Told);
    }

    [Fact]
    public async Task A_message_of_exactly_the_limit_is_received_and_one_byte_more_is_not()
    {
        foreach ((int length, bool isTaken) in new[] { (100, true), (101, false) })
        {
            byte[] frame = [(byte)length, .. Enumerable.Repeat((byte)'x', length)];
            await using InMemoryOpener answering = new(Wire.Answers(frame));
            Exception? asking = await Record.ExceptionAsync(async () => await ITalk.Protocol.CreateClient(answering).AskAsync("?"));
            await using InMemoryOpener serving = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk());
            await using P2PStream stream = await serving.OpenAsync("Ask");
            await stream.SendAsync(frame);

            Assert.Equal(isTaken ? null : typeof(ProtocolViolationException), asking?.GetType());
            Assert.Equal(isTaken ? null : typeof(ProtocolViolationException), Assert.Single(await serving.RemotesAsync())?.GetType());
        }
    }

    [Theory]
    [InlineData("Pour")]
    [InlineData("Sum")]
    [InlineData("Chat")]
    public async Task Endless_empty_messages_cost_no_more_than_the_exchanges_time(string operation)
    {
        long taken = 0;
        Talk talk = new()
        {
            OnSum = async (messages, context) => $"{taken = await messages.CountAsync(context.CancellationToken)}",
            OnChat = (said, _) => said.Where(_ => ++taken < 0),
        };
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk, _clock);
        await using P2PStream stream = await opener.OpenAsync(operation);
        byte[] empty = new byte[4096];

        await Assert.ThrowsAnyAsync<Libp2pException>(async () =>
        {
            while (true)
            {
                await stream.SendAsync(empty);
                _clock.Advance(TimeSpan.FromSeconds(0.1));
            }
        });

        Assert.IsType<DeadlineExceededException>(Assert.Single(await opener.RemotesAsync()));
        Assert.Equal(EndedBy.Remote, stream.End!.By);
        Assert.Equal(0, _clock.TimerCount);
    }

    [Theory]
    [InlineData("Ask")]
    [InlineData("Get")]
    public async Task Endless_replies_are_not_read_beyond_the_one_that_is_due(string operation)
    {
        await using InMemoryOpener opener = new(
            async stream =>
            {
                while (!(await stream.Output.WriteAsync(Wire.Frames("a", "b", "c"))).IsCompleted)
                {
                    await Task.Yield();
                }
            },
            window: 1000);
        ITalk client = ITalk.Protocol.CreateClient(opener);

        Assert.Equal("a", await (operation == "Ask" ? client.AskAsync("?") : client.GetAsync()));

        await opener.RemotesAsync(); // it was told that nobody reads
        Assert.NotNull(opener.Opened[0].End);
    }

    [Fact]
    public async Task A_reply_to_a_push_is_not_read()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal(Wire.Frame("news"), await stream.ReceiveAllAsync());
            await stream.SendAsync(Wire.Frame("thanks"));
        });

        await ITalk.Protocol.CreateClient(opener).TellAsync("news");

        await opener.RemotesAsync();
        Assert.NotNull(opener.Opened[0].End);
    }

    [Fact]
    public async Task A_remote_that_never_reads_costs_a_streaming_handler_its_time_and_no_more()
    {
        int yielded = 0;
        Talk talk = new() { OnList = _ => Forever() };
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk, _clock, window: 1000);
        await using P2PStream stream = await opener.OpenAsync("List");
        await stream.SendAsync(Wire.Frame("?"));
        await Eventually.HoldsAsync(() => yielded > 5);

        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.IsType<DeadlineExceededException>(Assert.Single(await opener.RemotesAsync()));
        Assert.InRange(yielded, 5, 20); // the window's worth
        Assert.Equal(0, _clock.TimerCount);

        async IAsyncEnumerable<string> Forever()
        {
            while (true)
            {
                yield return new string('x', 99);
                yielded++;
                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task Half_a_million_empty_submessages_are_refused_in_both_roles()
    {
        byte[] body = new byte[1_000_000];
        for (int i = 0; i < body.Length; i += 2)
        {
            body[i] = 0x0a; // field 1, length 0
        }

        byte[] frame = [0xc0, 0x84, 0x3d, .. body];
        await using InMemoryOpener serving = InMemoryOpener.To<IValues>(IValues.Protocol, new Values());
        await using P2PStream stream = await serving.OpenStreamAsync(Wire.Request(IValues.Protocol, "Same"), default);
        await Record.ExceptionAsync(async () => await stream.Output.WriteAsync(frame)); // it may be refused while it is sent
        await using InMemoryOpener answering = new(async remote => await remote.Output.WriteAsync(frame));

        ProtocolViolationException asked = await Assert.ThrowsAsync<ProtocolViolationException>(
            async () => await IValues.Protocol.CreateClient(answering).SameAsync(new ListValue()));

        Assert.IsType<ProtocolViolationException>(Assert.Single(await serving.RemotesAsync()));
        Assert.Equal(ErrorCode.ProtocolViolation, stream.End!.Code);
        Assert.Contains("/values/1.0.0", asked.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(50, true)]
    [InlineData(51, false)]
    public async Task As_many_elements_as_may_be_pass_and_one_more_does_not(int elements, bool isTaken)
    {
        await using InMemoryOpener opener = InMemoryOpener.To<IValues>(IValues.Protocol, new Values());
        ListValue list = new();
        list.Values.AddRange(Enumerable.Repeat(Value.ForNull(), elements));

        Exception? e = await Record.ExceptionAsync(async () => await IValues.Protocol.CreateClient(opener).SameAsync(list));

        Assert.Equal(isTaken ? null : typeof(StreamResetException), e?.GetType());
        Assert.Equal(isTaken ? ErrorCode.None : ErrorCode.ProtocolViolation, (e as Libp2pException)?.Reason.Code ?? ErrorCode.None);
    }

    [Theory]
    [InlineData("at once")]
    [InlineData("after a message")]
    [InlineData("after a response")]
    [InlineData("when it is left")]
    public async Task Wherever_a_handler_fails_its_stream_is_reset_and_its_failure_told(string when)
    {
        InvalidOperationException failure = new(when);
        Talk talk = new() { OnChat = (said, context) => FailingAsync(said, when, failure) };
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk, _clock);
        TaskCompletionSource left = new();

        StreamResetException e = await Assert.ThrowsAsync<StreamResetException>(
            async () => await ITalk.Protocol.CreateClient(opener).ChatAsync(Wire.Endless(left, ["a", "b"])).ToListAsync());

        Assert.Equal(EndedBy.Remote, e.Reason.By);
        Assert.Same(failure, Assert.Single(await opener.RemotesAsync()));
        await left.Task;
        Assert.Equal(0, _clock.TimerCount);
    }

    [Theory]
    [InlineData("OpenSum")]
    [InlineData("OpenPour")]
    [InlineData("OpenAgree")]
    [InlineData("OpenPipe")]
    public async Task What_was_opened_can_be_disposed_of_twice_and_at_once(string operation)
    {
        Talk talk = new()
        {
            OnPipe = async (stream, context) => await stream.ReceiveAllAsync(),
            OnAgree = async (dialogue, context) => await dialogue.TryReceiveAsync(context.CancellationToken),
        };
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk, _clock);
        ITalk client = ITalk.Protocol.CreateClient(opener);
        IAsyncDisposable opened = operation switch
        {
            "OpenSum" => await client.OpenSumAsync(),
            "OpenPour" => await client.OpenPourAsync(),
            "OpenAgree" => await client.OpenAgreeAsync(),
            _ => await client.OpenPipeAsync(),
        };

        await Task.WhenAll(opened.DisposeAsync().AsTask(), opened.DisposeAsync().AsTask());
        await opened.DisposeAsync();

        await opener.RemotesAsync();
        Assert.Equal(0, _clock.TimerCount);
    }

    private static async IAsyncEnumerable<string> FailingAsync(IAsyncEnumerable<string> said, string when, Exception failure)
    {
        if (when == "at once")
        {
            throw failure;
        }

        try
        {
            await foreach (string one in said)
            {
                if (when == "after a message")
                {
                    throw failure;
                }

                yield return one;
                if (when == "after a response")
                {
                    throw failure;
                }

                break;
            }
        }
        finally
        {
            await (when == "when it is left" ? Task.FromException(failure) : Task.CompletedTask);
        }
    }

    private static byte[] Bytes(string attack) => attack switch
    {
        "oversize" => [101, .. new byte[101]],
        "endless prefix" => [.. Enumerable.Repeat((byte)0x80, 11)],
        "padded prefix" => [0x81, 0x00, (byte)'a'],
        "half a prefix" => [0x81],
        "truncated" => [5, (byte)'a'],
        "truncated and long" => [100, .. new byte[99]],
        _ => [2, 0xff, 0xfe],
    };

    private static async Task CallAsync(ITalk client, string operation)
    {
        switch (operation)
        {
            case "Ask":
                await client.AskAsync("?");
                break;
            case "Maybe":
                await client.MaybeAsync("?");
                break;
            case "Get":
                await client.GetAsync();
                break;
            case "List":
                await client.ListAsync("?").ToListAsync();
                break;
            case "Watch":
                await client.WatchAsync().ToListAsync();
                break;
            case "Chat":
                await client.ChatAsync(Wire.Endless(new TaskCompletionSource(), ["a"])).ToListAsync();
                break;
            case "Sum":
                await client.SumAsync(Wire.Endless(new TaskCompletionSource(), ["a"]));
                break;
            case "OpenSum":
                await using (MessageWriter<string, string> writer = await client.OpenSumAsync())
                {
                    await writer.CompleteAsync();
                }

                break;
            default:
                await using (Dialogue<ReadOnlyMemory<byte>, string> dialogue = await client.OpenAgreeAsync())
                {
                    await dialogue.ReceiveAsync();
                }

                break;
        }
    }

    private static TheoryData<string, string> Cross(string[] operations, string[] attacks)
    {
        TheoryData<string, string> all = [];
        foreach (string operation in operations)
        {
            foreach (string attack in attacks)
            {
                all.Add(operation, attack);
            }
        }

        return all;
    }

    private sealed class Values : IValues
    {
        public ValueTask<ListValue> SameAsync(ListValue list, CallContext context = default) => new(list);
    }
}

/// <summary>Messages of many elements.</summary>
[Protocol("/values/1.0.0"), Limits(MaxMessage = 2 * Size.MiB, MaxElements = 50)]
internal partial interface IValues
{
    ValueTask<ListValue> SameAsync(ListValue list, CallContext context = default);
}
