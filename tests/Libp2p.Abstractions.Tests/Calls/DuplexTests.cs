using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Calls;

public sealed class DuplexTests
{
    [Fact]
    public async Task Messages_go_both_ways_freely()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk { OnChat = (said, _) => said.Select(one => one + "!") });

        Assert.Equal(["a!", "!", "b!"], await ITalk.Protocol.CreateClient(opener).ChatAsync(Wire.Items("a", "", "b")).ToListAsync());
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task Both_directions_end_on_their_own()
    {
        await using InMemoryOpener scripted = new(async stream =>
        {
            await stream.SendAsync(Wire.Frame("before"));
            Assert.Equal(Wire.Frames("a", "b"), await stream.ReceiveAllAsync());
            await stream.SendAsync(Wire.Frame("after"));
        });
        Assert.Equal(["before", "after"], await ITalk.Protocol.CreateClient(scripted).ChatAsync(Wire.Items("a", "b")).ToListAsync());
        Assert.Equal([null], await scripted.RemotesAsync());

        await using InMemoryOpener served = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk());
        await using P2PStream stream = await served.OpenAsync("Chat");
        await stream.SendAsync(Wire.Frame("a"));
        Assert.Equal(Wire.Frame("a"), await stream.ReceiveAsync(2));
        await stream.SendAsync(Wire.Frame("b"));
        await stream.CloseWriteAsync();
        Assert.Equal(Wire.Frame("b"), await stream.ReceiveAllAsync());
    }

    [Fact]
    public async Task Nothing_is_sent_before_the_first_item_is_asked_for()
    {
        bool wasAsked = false;
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk());
        IAsyncEnumerable<string> answers = ITalk.Protocol.CreateClient(opener).ChatAsync(Wire.Items("a").Select(one =>
        {
            wasAsked = true;
            return one;
        }));

        await Task.Yield();

        Assert.False(wasAsked);
        Assert.Empty(opener.Requests);
        Assert.Equal(["a"], await answers.ToListAsync());
    }

    [Fact]
    public async Task When_the_responder_finishes_the_sending_stops()
    {
        TaskCompletionSource left = new();
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk { OnChat = static (_, _) => Wire.Items("only") });

        Assert.Equal(["only"], await ITalk.Protocol.CreateClient(opener).ChatAsync(Wire.Endless(left, ["a"])).ToListAsync());

        await left.Task;
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task Leaving_early_stops_both_and_resets()
    {
        TaskCompletionSource left = new();
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk());

        await foreach (string one in ITalk.Protocol.CreateClient(opener).ChatAsync(Wire.Endless(left, ["a"])))
        {
            break;
        }

        Assert.True(left.Task.IsCompleted); // both are awaited
        Assert.IsType<StreamResetException>(Assert.Single(await opener.RemotesAsync()));
    }

    [Fact]
    public async Task What_the_callers_stream_throws_ends_the_receiving()
    {
        InvalidOperationException failure = new("No");
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk());

        Exception e = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await ITalk.Protocol.CreateClient(opener).ChatAsync(Wire.Failing(failure, "a")).ToListAsync());

        Assert.Same(failure, e);
        Assert.Same(failure, Assert.IsType<StreamResetException>(Assert.Single(await opener.RemotesAsync())).Reason.Cause);
    }

    [Fact]
    public async Task What_arrived_beats_what_could_not_be_sent()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            stream.CloseRead();
            await Task.Yield();
            await stream.SendAsync(Wire.Frames("a", "b"));
        });

        Assert.Equal(["a", "b"], await ITalk.Protocol.CreateClient(opener).ChatAsync(Wire.Items(new string('x', 100), "y")).ToListAsync());
    }

    [Fact]
    public async Task A_message_that_is_too_long_to_send_ends_the_call()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk());

        await Assert.ThrowsAsync<LimitExceededException>(
            async () => await ITalk.Protocol.CreateClient(opener).ChatAsync(Wire.Items("a", new string('x', 101))).ToListAsync());
    }

    [Fact]
    public async Task A_reset_ends_both()
    {
        TaskCompletionSource left = new();
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.ReceiveAsync(2);
            stream.Reset(new ErrorCode(0x10011));
        });

        StreamResetException e = await Assert.ThrowsAsync<StreamResetException>(
            async () => await ITalk.Protocol.CreateClient(opener).ChatAsync(Wire.Endless(left, ["a"])).ToListAsync());

        Assert.Equal((EndedBy.Remote, new ErrorCode(0x10011)), (e.Reason.By, e.Reason.Code));
        Assert.True(left.Task.IsCompleted);
    }

    [Fact]
    public async Task A_violation_ends_both()
    {
        TaskCompletionSource left = new();
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.SendAsync(101);
            await Assert.ThrowsAsync<StreamResetException>(() => stream.ReceiveAllAsync());
        });

        await Assert.ThrowsAsync<ProtocolViolationException>(
            async () => await ITalk.Protocol.CreateClient(opener).ChatAsync(Wire.Endless(left, ["a"])).ToListAsync());

        Assert.True(left.Task.IsCompleted);
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task A_remote_that_never_reads_ends_with_the_idle_time()
    {
        ManualClock clock = new();
        TaskCompletionSource left = new();
        TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using InMemoryOpener opener = new(
            async stream =>
            {
                await stream.Input.ReadAsync(); // seen and not consumed: the window stays shut
                arrived.SetResult();
                await stream.AbortedAsync();
            },
            clock,
            window: 10);
        Task call = ITalk.Protocol.CreateClient(opener).ChatAsync(Wire.Endless(left, [new string('x', 50), "y"])).ToListAsync().AsTask();
        await arrived.Task;

        clock.Advance(TimeSpan.FromSeconds(5));

        await Assert.ThrowsAsync<DeadlineExceededException>(() => call);
        Assert.True(left.Task.IsCompleted);
    }

    [Fact]
    public async Task A_handler_that_reads_on_after_it_returned_reads_nothing()
    {
        Task<bool>? late = null;
        Talk talk = new()
        {
            OnChat = (said, context) =>
            {
                late = said.GetAsyncEnumerator(context.CancellationToken).MoveNextAsync().AsTask();
                return AsyncEnumerable.Empty<string>();
            },
        };
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk);
        await using P2PStream stream = await opener.OpenAsync("Chat");

        Assert.Equal([null], await opener.RemotesAsync());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => late!);
    }

    [Fact]
    public async Task A_handler_that_throws_at_once_resets()
    {
        InvalidOperationException failure = new("No");
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk { OnChat = (_, _) => throw failure });

        await Assert.ThrowsAsync<StreamResetException>(
            async () => await ITalk.Protocol.CreateClient(opener).ChatAsync(Wire.Items("a")).ToListAsync());
        Assert.Same(failure, Assert.Single(await opener.RemotesAsync()));
    }

    [Fact]
    public async Task Many_messages_pass_a_small_window()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk(), window: 50);
        string[] said = [.. Enumerable.Range(0, 2000).Select(i => $"{i}")];

        Assert.Equal(said, await ITalk.Protocol.CreateClient(opener).ChatAsync(Wire.Items(said)).ToListAsync());
    }
}
