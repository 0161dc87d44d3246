using Libp2p.TestKit;
using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Calls;

public sealed class PerPeerTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public async Task Every_stream_begins_with_the_hello_and_is_opened_again_when_it_breaks()
    {
        List<byte[]> received = [];
        await using InMemoryOpener opener = new(
            async stream =>
            {
                received.Add(await stream.ReceiveAsync(17 + 2));
                stream.Reset();
            },
            _clock);
        await using MessageWriter<string> writer = await IStanding.Protocol.CreateClient(opener).OpenPourAsync(Hello);

        string[] messages = ["a", "b", "c"];
        for (int i = 0; i < messages.Length; i++)
        {
            await writer.WriteAsync(messages[i]);
            await AdvanceUntilAsync(() => received.Count == i + 1 && opener.Opened.Count == i + 2);
        }

        Assert.Equal(messages.Select(message => Wire.Frames("/standing/1.1.0", "", message)), received);
    }

    [Fact]
    public async Task A_message_that_finds_no_stream_waits_for_the_next_one_and_goes_after_the_hello()
    {
        TaskCompletionSource<byte[]> second = new();
        int streams = 0;
        await using InMemoryOpener opener = new(
            async stream =>
            {
                if (++streams == 1)
                {
                    stream.Reset();
                    return;
                }

                second.SetResult(await stream.ReceiveAsync(4));
                await stream.ReceiveAllAsync();
            },
            _clock);
        await using MessageWriter<string> writer = await IStanding.Protocol.CreateClient(opener).OpenPourAsync(static _ => []);
        await DueAsync();

        Task first = writer.WriteAsync("a").AsTask();
        Assert.False(first.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        await first.WaitAsync(TimeSpan.FromSeconds(10));
        await writer.WriteAsync("b");

        Assert.Equal(Wire.Frames("a", "b"), await second.Task);
    }

    [Fact]
    public async Task A_wait_for_the_next_stream_can_be_given_up()
    {
        await using InMemoryOpener opener = new(Break, _clock);
        await using MessageWriter<string> writer = await IStanding.Protocol.CreateClient(opener).OpenPourAsync();
        await DueAsync();
        using CancellationTokenSource source = new();

        Task writing = writer.WriteAsync("a", source.Token).AsTask();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
    }

    [Fact]
    public async Task When_nobody_is_there_the_writer_is_given_up()
    {
        await using InMemoryOpener opener = new(Break, _clock);
        await using MessageWriter<string> writer = await IStanding.Protocol.CreateClient(opener).OpenPourAsync();
        await DueAsync();
        opener.BeforeOpen = static _ => throw new ConnectionClosedException("Gone", new EndReason(EndedBy.Link, default, "Gone"));

        Task writing = writer.WriteAsync("a").AsTask();
        await AdvanceUntilAsync(() => writing.IsCompleted);

        StreamResetException e = await Assert.ThrowsAsync<StreamResetException>(() => writing);
        Assert.Contains("8 attempts", e.Message, StringComparison.Ordinal);
        Assert.Equal(EndedBy.Link, e.Reason.By);
        Assert.Equal(9, opener.Requests.Count);
        Assert.Equal(0, _clock.TimerCount);
        await Assert.ThrowsAsync<StreamResetException>(async () => await writer.WriteAsync("b"));
    }

    [Fact]
    public async Task A_remote_that_takes_streams_and_breaks_them_is_given_up_too()
    {
        await using InMemoryOpener opener = new(Break, _clock);
        await using MessageWriter<string> writer = await IStanding.Protocol.CreateClient(opener).OpenPourAsync(static _ => []);

        Task writing = WriteForeverAsync(writer);
        await AdvanceUntilAsync(() => writing.IsCompleted);

        await Assert.ThrowsAsync<StreamResetException>(() => writing);
        Assert.Equal(9, opener.Opened.Count);
    }

    [Fact]
    public async Task A_remote_that_does_not_speak_the_protocol_any_more_is_given_up_at_once()
    {
        await using InMemoryOpener opener = new(Break, _clock);
        await using MessageWriter<string> writer = await IStanding.Protocol.CreateClient(opener).OpenPourAsync();
        await DueAsync();
        opener.BeforeOpen = static _ => throw new ProtocolNotSupportedException(["/standing/1.1.0/pour"]);

        Task writing = writer.WriteAsync("a").AsTask();
        _clock.Advance(TimeSpan.FromMilliseconds(100));

        await Assert.ThrowsAsync<ProtocolNotSupportedException>(() => writing);
        Assert.Equal(2, opener.Requests.Count);
    }

    [Fact]
    public async Task A_first_opening_that_fails_is_the_callers_to_handle()
    {
        await using InMemoryOpener opener = new(Break, _clock);
        opener.BeforeOpen = static _ => throw new ConnectionClosedException("Gone", new EndReason(EndedBy.Link, default, "Gone"));

        await Assert.ThrowsAsync<ConnectionClosedException>(async () => await IStanding.Protocol.CreateClient(opener).OpenPourAsync());

        Assert.Equal(0, _clock.TimerCount);
    }

    [Fact]
    public async Task An_opening_has_a_time_although_the_stream_has_none()
    {
        await using InMemoryOpener opener = new(Break, _clock) { BeforeOpen = static token => Task.Delay(Timeout.Infinite, token) };
        Task opening = IStanding.Protocol.CreateClient(opener).OpenPourAsync().AsTask();
        await Eventually.HoldsAsync(() => _clock.NextDue == TimeSpan.FromSeconds(10));

        _clock.Advance(TimeSpan.FromSeconds(10));

        await Assert.ThrowsAsync<DeadlineExceededException>(() => opening);
        Assert.Equal(0, _clock.TimerCount);
    }

    [Fact]
    public async Task A_hello_that_fails_ends_the_opening_and_its_stream()
    {
        await using InMemoryOpener opener = new(async stream => await stream.Input.ReadAsync(), _clock);
        InvalidOperationException failure = new("No hello");

        Exception thrown = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await IStanding.Protocol.CreateClient(opener).OpenPourAsync(_ => throw failure));

        Assert.Same(failure, thrown);
        Assert.NotNull(opener.Opened[0].End);
        Assert.Equal(0, _clock.TimerCount);
    }

    [Fact]
    public async Task A_message_that_is_too_long_costs_nothing_but_itself()
    {
        Standing standing = new();
        await using InMemoryOpener opener = InMemoryOpener.To<IStanding>(IStanding.Protocol, standing, _clock);
        await using (MessageWriter<string> writer = await IStanding.Protocol.CreateClient(opener).OpenPourAsync(Hello))
        {
            await Assert.ThrowsAsync<LimitExceededException>(async () => await writer.WriteAsync(new string('x', 101)));
            await writer.WriteAsync(new string('x', 100));
            Assert.Equal("/standing/1.1.0/pour", writer.Protocol.Value);
            await writer.CompleteAsync();
        }

        Assert.Equal([null], await opener.RemotesAsync());
        Assert.Equal(["/standing/1.1.0", "", new string('x', 100)], standing.Told);
        Assert.Single(opener.Opened);
    }

    [Fact]
    public async Task The_node_ends_the_stream_in_order()
    {
        Standing standing = new();
        await using InMemoryOpener opener = InMemoryOpener.To<IStanding>(IStanding.Protocol, standing, _clock);
        MessageWriter<string> writer = await IStanding.Protocol.CreateClient(opener).OpenPourAsync(Hello);

        await opener.EndAsync();

        Assert.Equal([null], await opener.RemotesAsync());
        await Assert.ThrowsAsync<ConnectionClosedException>(async () => await writer.WriteAsync("late"));
        await Assert.ThrowsAsync<ConnectionClosedException>(async () => await IStanding.Protocol.CreateClient(opener).OpenPourAsync());
        await writer.DisposeAsync();
        Assert.Equal(0, _clock.TimerCount);
    }

    [Fact]
    public async Task The_node_ends_the_waiting_too()
    {
        await using InMemoryOpener opener = new(Break, _clock);
        MessageWriter<string> writer = await IStanding.Protocol.CreateClient(opener).OpenPourAsync();
        await DueAsync();
        Task writing = writer.WriteAsync("a").AsTask();

        await opener.EndAsync();

        await Assert.ThrowsAsync<ConnectionClosedException>(() => writing);
        await writer.DisposeAsync();
        Assert.Equal(0, _clock.TimerCount);
    }

    [Fact]
    public async Task Completing_ends_our_direction_and_opens_nothing_any_more()
    {
        Standing standing = new();
        await using InMemoryOpener opener = InMemoryOpener.To<IStanding>(IStanding.Protocol, standing, _clock);
        MessageWriter<string> writer = await IStanding.Protocol.CreateClient(opener).OpenPourAsync();
        await writer.WriteAsync("a");

        await writer.CompleteAsync();
        await writer.DisposeAsync();

        Assert.Equal([null], await opener.RemotesAsync());
        Assert.Equal(["a"], standing.Told);
        Assert.Single(opener.Opened);
    }

    [Fact]
    public async Task A_token_ends_the_writer_wherever_it_is()
    {
        using CancellationTokenSource source = new();
        await using InMemoryOpener opener = new(Break, _clock);
        MessageWriter<string> writer = await IStanding.Protocol.CreateClient(opener).OpenPourAsync(source.Token);
        await DueAsync();

        await source.CancelAsync();

        OperationCanceledException e = await Assert.ThrowsAsync<OperationCanceledException>(async () => await writer.WriteAsync("a"));
        Assert.Equal(source.Token, e.CancellationToken);
        await writer.DisposeAsync();
        Assert.Equal(0, _clock.TimerCount);
    }

    [Fact]
    public async Task The_declared_form_pours_over_the_streams_there_are()
    {
        List<string> told = [];
        int streams = 0;
        await using InMemoryOpener opener = new(
            async stream =>
            {
                if (++streams == 1)
                {
                    stream.Reset();
                    return;
                }

                told.Add(System.Text.Encoding.UTF8.GetString(await stream.ReceiveAllAsync()));
            },
            _clock);
        TaskCompletionSource isOpened = new();

        Task pouring = IStanding.Protocol.CreateClient(opener).PourAsync(After(isOpened.Task, "a", "b")).AsTask();
        await DueAsync();
        isOpened.SetResult();
        await AdvanceUntilAsync(() => pouring.IsCompleted);
        await pouring;
        await opener.RemotesAsync();

        Assert.Equal(["\u0001a\u0001b"], told);
    }

    [Fact]
    public async Task In_this_process_the_hello_goes_first_as_well()
    {
        Standing standing = new();
        await using (MessageWriter<string> writer = await ((IStanding)standing).OpenPourAsync(Hello))
        {
            await writer.WriteAsync("a");
            await writer.CompleteAsync();
        }

        Assert.Equal(["/standing/1.1.0", "", "a"], standing.Told);
        Assert.Equal(["/standing/1.1.0", "", "b"], await ((IStanding)standing).OpenTalkAsync(Hello, Wire.Items("b")).ToListAsync());
    }

    [Fact]
    public async Task Both_directions_go_on_over_the_next_stream()
    {
        int streams = 0;
        await using InMemoryOpener opener = new(
            async stream =>
            {
                bool isFirst = ++streams == 1;
                Assert.Equal(Wire.Frames("/standing/1.1.0", ""), await stream.ReceiveAsync(17));
                if (isFirst)
                {
                    await stream.SendAsync(await stream.ReceiveAsync(2));
                    stream.Reset();
                    return;
                }

                await stream.SendAsync(await stream.ReceiveAllAsync());
            },
            _clock);
        TaskCompletionSource hasBroken = new();

        Task<List<string>> talking = IStanding.Protocol.CreateClient(opener)
            .OpenTalkAsync(Hello, FirstThen("a", hasBroken.Task, "b")).ToListAsync().AsTask();
        await DueAsync();
        hasBroken.SetResult();
        await AdvanceUntilAsync(() => talking.IsCompleted);

        Assert.Equal("b", (await talking)[^1]); // what was on its way when the stream broke may be lost
        Assert.Equal(2, streams);
        Assert.Equal(0, _clock.TimerCount);
    }

    [Fact]
    public async Task A_duplex_call_whose_caller_fails_fails_with_that()
    {
        InvalidOperationException failure = new("No");
        await using InMemoryOpener opener = InMemoryOpener.To<IStanding>(IStanding.Protocol, new Standing(), _clock);

        Exception thrown = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await IStanding.Protocol.CreateClient(opener).TalkAsync(Wire.Failing(failure, "a")).ToListAsync());

        Assert.Same(failure, thrown);
        Assert.Single(opener.Opened);
    }

    [Fact]
    public async Task A_duplex_call_that_nobody_answers_is_given_up()
    {
        await using InMemoryOpener opener = new(Break, _clock);
        TaskCompletionSource left = new();

        Task talking = IStanding.Protocol.CreateClient(opener).TalkAsync(Wire.Endless(left, [])).ToListAsync().AsTask();
        await AdvanceUntilAsync(() => talking.IsCompleted);

        await Assert.ThrowsAsync<StreamResetException>(() => talking);
        await left.Task;
        Assert.Equal(0, _clock.TimerCount);
    }

    [Fact]
    public void As_many_streams_are_opened_to_a_peer_as_are_declared() =>
        Assert.Equal(1, IStanding.Protocol.With(new OperationLimits()).Settings("Pour").Limits.OutboundPerPeer);

    [Fact]
    public void Each_attempt_waits_about_twice_as_long_as_the_one_before()
    {
        Reopening reopening = new(new SeededRandomSource(7));
        List<double> delays = [];
        while (reopening.TryNext(out TimeSpan delay))
        {
            delays.Add(delay.TotalMilliseconds);
        }

        double[] whole = [100, 200, 400, 800, 1600, 3200, 6400, 10_000];
        Assert.Equal(whole.Length, delays.Count);
        Assert.All(delays.Zip(whole), pair => Assert.InRange(pair.First, pair.Second / 2, pair.Second));
        Assert.NotEqual(whole, delays);

        reopening.OnBroken(TimeSpan.FromSeconds(9.9));
        Assert.False(reopening.TryNext(out _));
        reopening.OnBroken(TimeSpan.FromSeconds(10));
        Assert.True(reopening.TryNext(out TimeSpan anew));
        Assert.InRange(anew.TotalMilliseconds, 50, 100);
    }

    private static IEnumerable<string> Hello(ProtocolId agreed) => [agreed.Value[..^5], ""];

    private static ValueTask Break(P2PStream stream)
    {
        stream.Reset();
        return default;
    }

    private static async Task WriteForeverAsync(MessageWriter<string> writer)
    {
        while (true)
        {
            await writer.WriteAsync("a");
            await Task.Yield();
        }
    }

    private static async IAsyncEnumerable<string> After(Task first, params string[] items)
    {
        await first;
        foreach (string item in items)
        {
            yield return item;
        }
    }

    private static async IAsyncEnumerable<string> FirstThen(string first, Task task, string second)
    {
        yield return first;
        await task;
        yield return second;
    }

    /// <summary>A stream broke, and the next attempt is waited for.</summary>
    private Task DueAsync() => Eventually.HoldsAsync(() => _clock.NextDue <= Reopening.Settled - TimeSpan.FromMilliseconds(1));

    /// <summary>Lets back-offs pass.</summary>
    private Task AdvanceUntilAsync(Func<bool> condition) => Eventually.HoldsAsync(() =>
    {
        if (!condition() && _clock.NextDue is { } due && due < TimeSpan.FromSeconds(10))
        {
            _clock.Advance(due);
        }

        return condition();
    });
}
