using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Calls;

/// <summary>Time and cancellation, at each point of a call.</summary>
public sealed class CancellationTests
{
    private readonly ManualClock _clock = new();

    private static readonly byte[] s_big = new byte[1_000_000];

    [Fact]
    public async Task Opening_counts_towards_the_calls_time()
    {
        await using InMemoryOpener opener = new(Wire.Answers(), _clock) { BeforeOpen = token => Task.Delay(Timeout.Infinite, token) };
        Task call = ITalk.Protocol.CreateClient(opener).AskAsync("?").AsTask();
        await Eventually.HoldsAsync(() => _clock.NextDue == TimeSpan.FromSeconds(10));

        _clock.Advance(TimeSpan.FromSeconds(9.9));
        await Task.Yield();
        Assert.False(call.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(0.1));

        DeadlineExceededException e = await Assert.ThrowsAsync<DeadlineExceededException>(() => call);
        Assert.Contains("10 s", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, _clock.TimerCount);
        Assert.Empty(opener.Opened);
    }

    [Fact]
    public async Task A_response_that_does_not_come_in_time_resets_the_stream()
    {
        await using InMemoryOpener opener = new(Never, _clock);
        Task call = ITalk.Protocol.CreateClient(opener).AskAsync("?").AsTask();
        await Eventually.HoldsAsync(() => opener.Opened.Count > 0);

        _clock.Advance(TimeSpan.FromSeconds(10));

        DeadlineExceededException e = await Assert.ThrowsAsync<DeadlineExceededException>(() => call);
        Assert.Contains("/talk/1.1.0/ask", e.Message, StringComparison.Ordinal);
        Assert.Equal(EndedBy.Limit, opener.Opened[0].End!.By);
        Assert.IsType<StreamResetException>(Assert.Single(await opener.RemotesAsync()));
        Assert.Equal(0, _clock.TimerCount);
    }

    [Fact]
    public async Task A_callers_shorter_time_wins()
    {
        await using InMemoryOpener opener = new(Never, _clock);
        Task call = ITalk.Protocol.CreateClient(opener).AskAsync("?", new CallContext(default, TimeSpan.FromSeconds(2))).AsTask();
        await Eventually.HoldsAsync(() => opener.Opened.Count > 0);

        _clock.Advance(TimeSpan.FromSeconds(2));

        await Assert.ThrowsAsync<DeadlineExceededException>(() => call);
    }

    [Fact]
    public async Task A_remote_that_never_reads_costs_no_more_than_the_time()
    {
        await using InMemoryOpener opener = new(Never, _clock, window: 1000);
        Task call = ITalk.Protocol.CreateClient(opener).BigAsync(s_big).AsTask();
        await Eventually.HoldsAsync(() => opener.Opened.Count > 0);

        _clock.Advance(TimeSpan.FromSeconds(10));

        await Assert.ThrowsAsync<DeadlineExceededException>(() => call);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_caller_who_gives_up_resets_the_stream(bool beforeOpening)
    {
        using CancellationTokenSource source = new();
        await using InMemoryOpener opener = new(Never);
        opener.BeforeOpen = token => beforeOpening ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask;
        Task call = ITalk.Protocol.CreateClient(opener).AskAsync("?", source.Token).AsTask();
        await Eventually.HoldsAsync(() => beforeOpening ? opener.Requests.Count > 0 : opener.Opened.Count > 0);

        await source.CancelAsync();

        OperationCanceledException e = await Assert.ThrowsAsync<OperationCanceledException>(() => call);
        Assert.Equal(source.Token, e.CancellationToken);
        Assert.All(opener.Opened, stream => Assert.Equal(EndedBy.Caller, stream.End!.By));
    }

    [Fact]
    public async Task A_token_that_is_cancelled_already_opens_nothing()
    {
        await using InMemoryOpener opener = new(Never);

        await Assert.ThrowsAsync<OperationCanceledException>(
            async () => await ITalk.Protocol.CreateClient(opener).AskAsync("?", new CancellationToken(canceled: true)));

        Assert.Empty(opener.Opened);
    }

    [Fact]
    public async Task A_request_that_does_not_come_in_time_is_not_waited_for()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk(), _clock);
        await using P2PStream stream = await opener.OpenAsync("Ask");
        await stream.SendAsync(5, (byte)'h');
        await Eventually.HoldsAsync(() => _clock.NextDue == TimeSpan.FromSeconds(10));

        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.IsType<DeadlineExceededException>(Assert.Single(await opener.RemotesAsync()));
        Assert.Equal(0, _clock.TimerCount);
    }

    [Fact]
    public async Task A_handler_is_told_when_its_time_is_over_and_the_initiator_at_once()
    {
        TaskCompletionSource called = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource release = new();
        bool wasTold = false;
        Talk talk = new()
        {
            OnAsk = async (question, context) =>
            {
                using CancellationTokenRegistration told = context.CancellationToken.Register(() => wasTold = true);
                called.SetResult();
                await release.Task; // which does not heed the token
                return question;
            },
        };
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk, _clock);
        await using P2PStream stream = await opener.OpenAsync("Ask");
        await stream.SendAsync(Wire.Frame("?"));
        await called.Task;

        _clock.Advance(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<StreamResetException>(() => stream.ReceiveAllAsync());
        release.SetResult();

        Assert.IsType<DeadlineExceededException>(Assert.Single(await opener.RemotesAsync()));
        Assert.True(wasTold);
    }

    [Fact]
    public async Task A_handler_is_cancelled_when_the_initiator_resets()
    {
        Talk talk = new() { OnAsk = async (question, context) => await Task.Delay(Timeout.Infinite, context.CancellationToken).ContinueWith(_ => question, TaskScheduler.Default) };
        Talk waiting = new()
        {
            OnAsk = async (question, context) =>
            {
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
                return question;
            },
        };
        foreach (Talk one in new[] { talk, waiting })
        {
            await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, one);
            await using P2PStream stream = await opener.OpenAsync("Ask");
            await stream.SendAsync(Wire.Frame("?"));
            stream.Reset(new ErrorCode(0x10001));

            StreamResetException e = Assert.IsType<StreamResetException>(Assert.Single(await opener.RemotesAsync()));
            Assert.Equal((EndedBy.Remote, new ErrorCode(0x10001)), (e.Reason.By, e.Reason.Code));
        }
    }

    [Fact]
    public async Task A_token_of_the_node_cancels_a_handler()
    {
        using CancellationTokenSource source = new();
        Talk talk = new()
        {
            OnAsk = async (question, context) =>
            {
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
                return question;
            },
        };
        StreamHandler handler = ITalk.Protocol.CreateHandlers(talk)[0];
        await using InMemoryOpener opener = new(stream => handler.HandleAsync(stream, source.Token));
        await using P2PStream stream = await opener.OpenAsync("Ask");
        await stream.SendAsync(Wire.Frame("?"));

        await source.CancelAsync();

        ConnectionClosedException e = Assert.IsType<ConnectionClosedException>(Assert.Single(await opener.RemotesAsync()));
        Assert.Equal(ErrorCode.Shutdown, e.Reason.Code);
        Assert.Equal(ErrorCode.Shutdown, stream.End?.Code);
    }

    [Fact]
    public async Task A_message_has_a_time_from_its_first_byte_to_its_last()
    {
        await using InMemoryOpener opener = new(
            async stream =>
            {
                await stream.SendAsync(5, (byte)'h');
                await Never(stream);
            },
            _clock);
        Task<List<string>> call = ITalk.Protocol.CreateClient(opener).ChatAsync(Wire.Items<string>()).ToListAsync().AsTask();
        await Eventually.HoldsAsync(() => _clock.NextDue == TimeSpan.FromSeconds(3)); // the wait for the first is idle time

        _clock.Advance(TimeSpan.FromSeconds(2));
        await opener.Opened[0].Output.FlushAsync();
        Assert.False(call.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));

        DeadlineExceededException e = await Assert.ThrowsAsync<DeadlineExceededException>(() => call);
        Assert.Contains("a message took longer to arrive than 3 s", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_that_takes_its_time_between_messages_breaks_no_read_limit_but_the_idle_one()
    {
        TaskCompletionSource release = new();
        Talk talk = new()
        {
            OnChat = (said, context) => SlowAsync(said, release.Task.WaitAsync(context.CancellationToken)),
        };
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk, _clock);
        await using P2PStream stream = await opener.OpenAsync("Chat");
        await stream.SendAsync(Wire.Frame("?"));
        await stream.ReceiveAsync(2);

        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Null(stream.End);
        _clock.Advance(TimeSpan.FromSeconds(1));

        DeadlineExceededException e = Assert.IsType<DeadlineExceededException>(Assert.Single(await opener.RemotesAsync()));
        Assert.Contains("no message for 5 s", e.Message, StringComparison.Ordinal);

        static async IAsyncEnumerable<string> SlowAsync(IAsyncEnumerable<string> said, Task release)
        {
            await foreach (string one in said)
            {
                yield return one;
                await release;
            }
        }
    }

    [Fact]
    public async Task Messages_put_the_idle_end_off_but_not_the_exchanges()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk(), _clock);
        await using P2PStream stream = await opener.OpenAsync("Chat");
        for (int seconds = 0; seconds < 60; seconds += 2)
        {
            await stream.SendAsync(Wire.Frame("?"));
            await stream.ReceiveAsync(2);
            _clock.Advance(TimeSpan.FromSeconds(2));
        }

        DeadlineExceededException e = Assert.IsType<DeadlineExceededException>(Assert.Single(await opener.RemotesAsync()));
        Assert.Contains("the exchange took longer than 60 s", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("silence")]
    [InlineData("half a prefix")]
    [InlineData("a prefix")]
    [InlineData("half a message")]
    [InlineData("a long message's half")]
    [InlineData("nothing is read")]
    public async Task Whenever_the_caller_gives_up_or_the_remote_resets_the_call_ends_at_once(string when)
    {
        byte[] sent = when switch
        {
            "half a prefix" => [0x80],
            "a prefix" => [5],
            "half a message" => [5, 1, 2],
            "a long message's half" => [0x80, 0x80, 0x40, .. new byte[50_000]],
            _ => [],
        };
        foreach (bool isReset in new[] { true, false })
        {
            P2PStream? remote = null;
            TaskCompletionSource isThere = new(TaskCreationOptions.RunContinuationsAsynchronously);
            using CancellationTokenSource source = new();
            await using InMemoryOpener opener = new(
                async stream =>
                {
                    remote = stream;
                    await stream.Output.WriteAsync(sent);
                    isThere.SetResult();
                    await stream.AbortedAsync();
                },
                window: 60_000);
            Task call = ITalk.Protocol.CreateClient(opener).BigAsync(when == "nothing is read" ? s_big : default, source.Token).AsTask();
            await isThere.Task;

            if (isReset)
            {
                remote!.Reset(new ErrorCode(0x10001));
                StreamResetException e = await Assert.ThrowsAsync<StreamResetException>(() => call);
                Assert.Equal(new ErrorCode(0x10001), e.Reason.Code);
            }
            else
            {
                await source.CancelAsync();
                await Assert.ThrowsAsync<OperationCanceledException>(() => call);
                Assert.Equal(EndedBy.Caller, opener.Opened[0].End!.By);
            }
        }
    }

    private static async ValueTask Never(P2PStream stream)
    {
        await stream.AbortedAsync();
        await stream.Output.FlushAsync(); // what came before the reset could still be read
    }
}
