using Libp2p.Muxers;
using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Calls;

public sealed class ReuseTests
{
    [Fact]
    public async Task Exchanges_follow_one_another_on_one_stream()
    {
        Talk talk = new();
        await using InMemoryOpener opener = InMemoryOpener.To<IAgain>(IAgain.Protocol, talk);
        IAgain client = IAgain.Protocol.CreateClient(opener);

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal($"{i}", await client.AskAsync($"{i}"));
        }

        Assert.Single(opener.Opened);
        Assert.Equal(TimeSpan.FromSeconds(5), opener.Requests[0].ReuseIdle);
        await opener.DisposeAsync();
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task Nothing_but_the_request_is_sent_on_a_stream_that_is_kept()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal(Wire.Frame("a"), await stream.ReceiveAsync(2));
            await stream.SendAsync(Wire.Frame("b"));
            Assert.Empty(await stream.ReceiveAllAsync());
        });
        IAgain client = IAgain.Protocol.CreateClient(opener);

        Assert.Equal("b", await client.AskAsync("a"));
        Assert.Null(opener.Opened[0].End);
        await opener.DisposeAsync();

        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Theory]
    [InlineData("reset")]
    [InlineData("end")]
    public async Task A_reused_stream_that_fails_before_a_byte_of_the_response_is_replaced_once(string how)
    {
        int streams = 0;
        await using InMemoryOpener opener = new(async stream =>
        {
            if (++streams == 1)
            {
                await AnswerAsync(stream, "1");
                await stream.ReceiveAsync(2);
                End(stream, how);
                return;
            }

            await AnswerAsync(stream, "2");
            await stream.ReceiveAllAsync();
        });
        IAgain client = IAgain.Protocol.CreateClient(opener);

        Assert.Equal("1", await client.AskAsync("?"));
        Assert.Equal("2", await client.AskAsync("?"));

        Assert.Equal([TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5), null], opener.Requests.Select(request => request.ReuseIdle));
        Assert.Equal(1, opener.IdleCount); // the fresh one is kept in turn
    }

    [Theory]
    [InlineData("reset")]
    [InlineData("end")]
    public async Task A_fresh_stream_that_fails_is_not_replaced(string how)
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.ReceiveAsync(2);
            End(stream, how);
        });

        await Assert.ThrowsAnyAsync<Libp2pException>(async () => await IAgain.Protocol.CreateClient(opener).AskAsync("?"));

        Assert.Single(opener.Opened);
    }

    [Fact]
    public async Task A_replacement_that_fails_is_not_replaced()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            await AnswerAsync(stream, "1");
            await stream.ReceiveAsync(2);
            stream.Reset();
        });
        IAgain client = IAgain.Protocol.CreateClient(opener);
        await client.AskAsync("?");
        opener.BeforeOpen = _ => throw new ConnectionClosedException("Gone", new EndReason(EndedBy.Link, default, "Gone"));

        await Assert.ThrowsAsync<ConnectionClosedException>(async () => await client.AskAsync("?"));
        Assert.Single(opener.Opened);
    }

    [Fact]
    public async Task A_reused_stream_that_fails_after_a_byte_of_the_response_is_not_replaced()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            await AnswerAsync(stream, "1");
            await stream.ReceiveAsync(2);
            await stream.SendAsync(5);
        });
        IAgain client = IAgain.Protocol.CreateClient(opener);
        await client.AskAsync("?");

        await Assert.ThrowsAsync<ProtocolViolationException>(async () => await client.AskAsync("?"));
        Assert.Single(opener.Opened);
    }

    [Fact]
    public async Task The_time_is_one_for_both_attempts()
    {
        ManualClock clock = new();
        await using InMemoryOpener opener = new(
            async stream =>
            {
                await AnswerAsync(stream, "1");
                await stream.ReceiveAsync(2);
                clock.Advance(TimeSpan.FromSeconds(9));
                stream.Reset();
            },
            clock);
        IAgain client = IAgain.Protocol.CreateClient(opener);
        await client.AskAsync("?");
        opener.BeforeOpen = token => Task.Delay(Timeout.Infinite, token);

        Task call = client.AskAsync("?").AsTask();
        await Eventually.HoldsAsync(() => opener.Requests.Count == 3);
        clock.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<DeadlineExceededException>(() => call);
    }

    [Fact]
    public async Task Where_nothing_is_kept_each_exchange_takes_a_stream_and_ends_it_afterwards()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal(Wire.Frame("a"), await stream.ReceiveAsync(2));
            await stream.SendAsync(Wire.Frame("b"));
            Assert.Empty(await stream.ReceiveAllAsync());
        });
        IOnce client = IOnce.Protocol.CreateClient(opener);

        Assert.Equal("b", await client.AskAsync("a"));
        Assert.Equal("b", await client.AskAsync("a"));

        Assert.Equal(2, opener.Opened.Count);
        Assert.Equal([null, null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task A_responder_takes_one_request_after_another_where_nothing_is_kept_too()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<IOnce>(IOnce.Protocol, new Talk());
        await using P2PStream stream = await opener.OpenStreamAsync(Wire.Request(IOnce.Protocol, "Ask"), default);

        await stream.SendAsync(Wire.Frames("a", "b"));

        Assert.Equal(Wire.Frames("a", "b"), await stream.ReceiveAsync(4));
    }

    [Fact]
    public async Task A_push_takes_a_stream_of_its_own_and_ends_it()
    {
        Talk talk = new();
        await using InMemoryOpener opener = InMemoryOpener.To<IAgain>(IAgain.Protocol, talk);
        IAgain client = IAgain.Protocol.CreateClient(opener);

        await client.AskAsync("a");
        await client.TellAsync("b");

        Assert.Equal([TimeSpan.FromSeconds(5), null], opener.Requests.Select(request => request.ReuseIdle));
        Assert.Equal(1, opener.IdleCount);
        await opener.DisposeAsync();
        Assert.Equal([null, null], await opener.RemotesAsync());
        Assert.Equal(["b"], talk.Told);
    }

    [Fact]
    public async Task A_stream_with_bytes_that_nobody_asked_for_is_not_kept()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.ReceiveAsync(2);
            await stream.SendAsync(Wire.Frames("b", "surplus"));
            await stream.ReceiveAllAsync();
        });

        Assert.Equal("b", await IAgain.Protocol.CreateClient(opener).AskAsync("a"));
        Assert.Equal(0, opener.IdleCount);
    }

    [Fact]
    public async Task A_stream_that_the_responder_ended_is_not_kept()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.ReceiveAsync(2);
            await stream.SendAsync(Wire.Frame("b"));
        });
        IAgain client = IAgain.Protocol.CreateClient(opener);

        Assert.Equal("b", await client.AskAsync("a"));
        Assert.Equal("b", await client.AskAsync("a"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_comes_between_two_exchanges_is_not_the_answer_to_the_next(bool isEnd)
    {
        TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int streams = 0;
        await using InMemoryOpener opener = new(async stream =>
        {
            await AnswerAsync(stream, $"{++streams}");
            if (streams == 1)
            {
                await idle.Task;
                await (isEnd ? stream.CloseWriteAsync().AsTask() : stream.SendAsync(Wire.Frame("unasked")));
                sent.SetResult();
            }

            await stream.ReceiveAllAsync();
        });
        IAgain client = IAgain.Protocol.CreateClient(opener);
        Assert.Equal("1", await client.AskAsync("?"));
        Assert.Equal(1, opener.IdleCount);
        idle.SetResult();
        await sent.Task;

        Assert.Equal("2", await client.AskAsync("?"));

        Assert.Equal(2, opener.Opened.Count);
        Assert.Equal(1, opener.IdleCount);
        await opener.DisposeAsync();
        IReadOnlyList<Exception?> remotes = await opener.RemotesAsync();
        Assert.IsType<StreamResetException>(remotes[0]); // which saw nothing of the second request
        Assert.Null(remotes[1]);
    }

    [Fact]
    public async Task No_reply_ends_the_stream_and_means_no_reply_only_on_a_fresh_one()
    {
        Talk talk = new() { OnAsk = (question, _) => new(question == "?" ? null : question) };
        await using InMemoryOpener opener = InMemoryOpener.To<IAgain>(IAgain.Protocol, talk);
        IAgain client = IAgain.Protocol.CreateClient(opener);

        Assert.Equal("a", await client.MaybeAsync("a"));
        Assert.Null(await client.MaybeAsync("?"));

        Assert.Equal(2, opener.Opened.Count);
        Assert.Equal(0, opener.IdleCount);
    }

    [Fact]
    public async Task A_responder_ends_a_silent_stream_in_order()
    {
        ManualClock clock = new();
        QueueScheduler queue = new();
        (P2PStream initiator, Task responder) = Serve(queue, clock);
        for (int i = 0; i < 4; i++)
        {
            await initiator.SendAsync(Wire.Frame("a"));
            queue.RunUntilIdle();
            Assert.Equal(Wire.Frame("a"), await initiator.ReceiveAsync(2));
            clock.Advance(TimeSpan.FromSeconds(20)); // longer than an exchange, shorter than idle
            queue.RunUntilIdle();
            Assert.False(responder.IsCompleted);
        }

        clock.Advance(TimeSpan.FromSeconds(10));
        queue.RunUntilIdle();

        Assert.True(responder.IsCompletedSuccessfully);
        Assert.Null(initiator.End);
        Assert.Equal(0, clock.TimerCount);
    }

    [Fact]
    public async Task A_request_that_stops_half_way_is_a_failure()
    {
        ManualClock clock = new();
        QueueScheduler queue = new();
        (P2PStream initiator, Task responder) = Serve(queue, clock);
        await initiator.SendAsync(5, (byte)'h');
        queue.RunUntilIdle();

        clock.Advance(TimeSpan.FromSeconds(30));
        queue.RunUntilIdle();

        Assert.IsType<DeadlineExceededException>(responder.Exception?.InnerException);
    }

    private static (P2PStream Initiator, Task Responder) Serve(QueueScheduler queue, ManualClock clock)
    {
        InMemoryStreamPair pair = new();
        P2PStream inbound = new(pair.Responder, "/again/1.0.0/ask", null, clock);
        StreamHandler handler = IAgain.Protocol.CreateHandlers(new Talk())[0];
        return (
            new P2PStream(pair.Initiator, "/again/1.0.0/ask", null, clock),
            queue.Start(() => handler.HandleAsync(inbound, default).AsTask()));
    }

    private static async Task AnswerAsync(P2PStream stream, string response)
    {
        await stream.ReceiveAsync(2);
        await stream.SendAsync(Wire.Frame(response));
    }

    private static void End(P2PStream stream, string how)
    {
        if (how == "reset")
        {
            stream.Reset();
        }
    }
}
