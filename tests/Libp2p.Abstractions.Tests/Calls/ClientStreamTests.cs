using System.Runtime.CompilerServices;
using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Calls;

public sealed class ClientStreamTests
{
    [Fact]
    public async Task Messages_are_followed_by_an_end_and_a_response()
    {
        await using InMemoryOpener scripted = new(async stream =>
        {
            Assert.Equal(Wire.Frames("a", "", "b"), await stream.ReceiveAllAsync());
            await stream.DripAsync(Wire.Frame("ab"));
        });
        Assert.Equal("ab", await ITalk.Protocol.CreateClient(scripted).SumAsync(Wire.Items("a", "", "b")));
        Assert.Equal([null], await scripted.RemotesAsync());

        await using InMemoryOpener served = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk());
        await using P2PStream stream = await served.OpenAsync("Sum");
        await stream.DripAsync(Wire.Frames("a", "", "b"));
        await stream.CloseWriteAsync();
        Assert.Equal(Wire.Frame("ab"), await stream.ReceiveAllAsync());
    }

    [Fact]
    public async Task Without_a_response_the_call_is_done_when_all_is_sent()
    {
        Talk talk = new();
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk);

        await ITalk.Protocol.CreateClient(opener).PourAsync(Wire.Items("a", "b"));

        Assert.Equal([null], await opener.RemotesAsync());
        Assert.Equal(["ab"], talk.Told);
    }

    [Fact]
    public async Task A_response_ends_the_sending()
    {
        TaskCompletionSource left = new();
        Talk talk = new()
        {
            OnSum = async (messages, context) =>
            {
                await foreach (string first in messages.WithCancellation(context.CancellationToken))
                {
                    return first;
                }

                return "";
            },
        };
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk);

        Assert.Equal("a", await ITalk.Protocol.CreateClient(opener).SumAsync(Wire.Endless(left, ["a", "b"])));

        await left.Task;
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task A_responder_that_wants_no_more_fails_a_call_without_a_response_that_has_more()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk { OnSum = static (_, _) => new("") });
        CallInfo info = new();

        RemoteEndedException e = await Assert.ThrowsAsync<RemoteEndedException>(
            async () => await ITalk.Protocol.CreateClient(opener).PourAsync(Forever(), new CallContext(default, info: info)));

        Assert.Equal((EndedBy.Remote, info.MessagesSent), (e.Reason.By, e.MessagesSent));
        Assert.Equal([null], await opener.RemotesAsync());

        static async IAsyncEnumerable<string> Forever()
        {
            while (true)
            {
                await Task.Yield();
                yield return "x";
            }
        }
    }

    [Fact]
    public async Task A_handler_that_throws_among_the_messages_does_not_look_as_if_it_wanted_no_more()
    {
        TaskCompletionSource left = new();
        TaskCompletionSource wentOn = new();
        Talk talk = new()
        {
            OnSum = async (messages, context) =>
            {
                try
                {
                    await foreach (string first in messages.WithCancellation(context.CancellationToken))
                    {
                        throw new InvalidOperationException($"{first} was one too many");
                    }

                    return "";
                }
                finally
                {
                    left.SetResult();
                    await wentOn.Task;
                }
            },
        };
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk);

        StreamResetException e = await Assert.ThrowsAsync<StreamResetException>(
            async () => await ITalk.Protocol.CreateClient(opener).PourAsync(Messages()));

        Assert.Equal(EndedBy.Remote, e.Reason.By);
        Assert.IsType<InvalidOperationException>(Assert.Single(await opener.RemotesAsync()));

        async IAsyncEnumerable<string> Messages([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            try
            {
                yield return "a";
                await left.Task;
                yield return "b"; // after the handler has left its loop, before it has failed
                wentOn.SetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                wentOn.TrySetResult();
            }
        }
    }

    [Theory]
    [InlineData("Pour")]
    [InlineData("Sum")]
    public async Task What_the_callers_stream_throws_ends_the_call_and_is_thrown(string operation)
    {
        InvalidOperationException failure = new("No");
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk());
        ITalk client = ITalk.Protocol.CreateClient(opener);

        Exception thrown = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            if (operation == "Pour")
            {
                await client.PourAsync(Wire.Failing(failure, "a"));
            }
            else
            {
                await client.SumAsync(Wire.Failing(failure, "a"));
            }
        });

        Assert.Same(failure, thrown);
        StreamResetException e = Assert.IsType<StreamResetException>(Assert.Single(await opener.RemotesAsync()));
        Assert.Same(failure, e.Reason.Cause);
    }

    [Theory]
    [InlineData("Pour")]
    [InlineData("Sum")]
    public async Task A_reset_ends_the_sending_and_is_thrown(string operation)
    {
        TaskCompletionSource left = new();
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.ReceiveAsync(2);
            stream.Reset(new ErrorCode(0x10009));
        });
        ITalk client = ITalk.Protocol.CreateClient(opener);

        StreamResetException e = await Assert.ThrowsAsync<StreamResetException>(async () =>
        {
            if (operation == "Pour")
            {
                await client.PourAsync(Wire.Endless(left, ["a"]));
            }
            else
            {
                await client.SumAsync(Wire.Endless(left, ["a"]));
            }
        });

        Assert.Equal(new ErrorCode(0x10009), e.Reason.Code);
        await left.Task;
    }

    [Fact]
    public async Task A_caller_who_gives_up_ends_both()
    {
        TaskCompletionSource left = new();
        using CancellationTokenSource source = new();
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk());
        Task call = ITalk.Protocol.CreateClient(opener).PourAsync(Wire.Endless(left, ["a"]), source.Token).AsTask();
        await Eventually.HoldsAsync(() => opener.Opened.Count > 0);

        await source.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => call);
        await left.Task;
        Assert.IsType<StreamResetException>(Assert.Single(await opener.RemotesAsync()));
    }

    [Fact]
    public async Task No_response_is_a_violation()
    {
        await using InMemoryOpener opener = new(Wire.Answers());

        await Assert.ThrowsAsync<ProtocolViolationException>(
            async () => await ITalk.Protocol.CreateClient(opener).SumAsync(Wire.Items("a")));
    }

    [Fact]
    public async Task A_violation_is_the_exchanges_whatever_the_handler_makes_of_it()
    {
        Talk talk = new()
        {
            OnSum = async (messages, context) =>
            {
                try
                {
                    await messages.ToListAsync(context.CancellationToken);
                }
                catch (ProtocolViolationException)
                {
                }

                return "all is well";
            },
        };
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk);
        await using P2PStream stream = await opener.OpenAsync("Sum");
        await stream.SendAsync([.. Wire.Frame("a"), 101]);

        Assert.IsType<ProtocolViolationException>(Assert.Single(await opener.RemotesAsync()));
    }

    [Fact]
    public async Task The_messages_of_a_stream_are_enumerated_once()
    {
        Talk talk = new()
        {
            OnSum = async (messages, context) =>
            {
                await messages.CountAsync(context.CancellationToken);
                return $"{await messages.CountAsync(context.CancellationToken)}";
            },
        };
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk);
        await using P2PStream stream = await opener.OpenAsync("Sum");
        await stream.CloseWriteAsync();

        Assert.IsType<InvalidOperationException>(Assert.Single(await opener.RemotesAsync()));
    }

    [Fact]
    public async Task An_opened_writer_writes_until_it_is_disposed_of()
    {
        Talk talk = new();
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk);
        await using (MessageWriter<string> writer = await ITalk.Protocol.CreateClient(opener).OpenPourAsync())
        {
            Assert.Equal("/talk/1.1.0/pour", writer.Protocol.Value);
            await writer.WriteAsync("a");
            await Assert.ThrowsAsync<LimitExceededException>(async () => await writer.WriteAsync(new string('x', 101)));
            await writer.WriteAsync("b");
            await writer.CompleteAsync();
        }

        Assert.Equal([null], await opener.RemotesAsync());
        Assert.Equal(["ab"], talk.Told);
    }

    [Fact]
    public async Task An_opened_writer_ends_with_its_time()
    {
        ManualClock clock = new();
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk(), clock);
        await using MessageWriter<string> writer = await ITalk.Protocol.CreateClient(opener).OpenPourAsync();
        await writer.WriteAsync("a");

        clock.Advance(TimeSpan.FromSeconds(10));

        await Assert.ThrowsAsync<DeadlineExceededException>(async () => await writer.WriteAsync("b"));
        await writer.DisposeAsync();
        await opener.RemotesAsync();
        Assert.Equal(0, clock.TimerCount);
    }

    [Fact]
    public async Task A_writer_learns_that_the_remote_reads_no_more()
    {
        await using InMemoryOpener opener = new(static _ => default);
        await using MessageWriter<string> writer = await ITalk.Protocol.CreateClient(opener).OpenPourAsync();
        await opener.RemotesAsync();

        await Assert.ThrowsAsync<StreamResetException>(async () => await writer.WriteAsync("a"));
    }

    [Fact]
    public async Task An_opened_writer_gets_the_response()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk());
        await using MessageWriter<string, string> writer = await ITalk.Protocol.CreateClient(opener).OpenSumAsync();

        await writer.WriteAsync("a");
        await writer.WriteAsync("b");

        Assert.Equal("ab", await writer.CompleteAsync());
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task An_opened_writer_gets_a_response_that_came_early()
    {
        ITalk talk = new Talk { OnSum = static (_, _) => new("enough") };
        await using MessageWriter<string, string> writer = await talk.OpenSumAsync();

        Assert.Equal("enough", await writer.CompleteAsync());
    }

    [Theory]
    [InlineData("end")]
    [InlineData("byte")]
    [InlineData("reset")]
    public async Task What_comes_on_the_unused_direction_ends_the_writer(string what)
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.ReceiveAsync(2);
            await ActAsync(stream, what);
            await Record.ExceptionAsync(stream.ReceiveAllAsync);
        });
        await using MessageWriter<string> writer = await ITalk.Protocol.CreateClient(opener).OpenPourAsync();
        await writer.WriteAsync("a");

        await writer.EndedAsync();
        Libp2pException e = await Assert.ThrowsAnyAsync<Libp2pException>(async () => await writer.WriteAsync("b"));

        Assert.Equal(what == "byte", e is ProtocolViolationException);
        Assert.Equal(what == "reset" ? 0x10003u : 0, (e as StreamResetException)?.Reason.Code.Value ?? 0);
    }

    [Theory]
    [InlineData("end")]
    [InlineData("byte")]
    [InlineData("reset")]
    public async Task What_comes_on_the_unused_direction_ends_the_call(string what)
    {
        TaskCompletionSource left = new();
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.ReceiveAsync(2);
            await ActAsync(stream, what);
            await Record.ExceptionAsync(stream.ReceiveAllAsync);
        });
        Task call = ITalk.Protocol.CreateClient(opener).PourAsync(Wire.Endless(left, ["a"])).AsTask();

        Exception? e = await Record.ExceptionAsync(() => call);

        Assert.Equal(
            what switch { "end" => typeof(RemoteEndedException), "byte" => typeof(ProtocolViolationException), _ => typeof(StreamResetException) }, e?.GetType());
        Assert.True(left.Task.IsCompleted);
    }

    private static async Task ActAsync(P2PStream stream, string what)
    {
        switch (what)
        {
            case "end":
                await stream.CloseWriteAsync();
                break;
            case "byte":
                await stream.SendAsync(7);
                break;
            default:
                stream.Reset(new ErrorCode(0x10003));
                break;
        }
    }
}
