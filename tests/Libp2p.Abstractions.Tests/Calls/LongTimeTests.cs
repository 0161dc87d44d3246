using Libp2p.Scheduling;
using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Calls;

/// <summary>Times that a timer of the platform cannot hold: they last as long as they say, wherever a time can be said.</summary>
public sealed class LongTimeTests
{
    private readonly ManualClock _clock = new();
    private readonly PlatformClock _platform;

    public LongTimeTests() => _platform = new PlatformClock(_clock);

    [Theory]
    [InlineData(49)]
    [InlineData(50)]
    [InlineData(365)]
    [InlineData(36_500)]
    public void A_deadline_is_over_after_its_time_and_not_before(int days)
    {
        using Deadline deadline = Deadline.Start(TimeSpan.FromDays(days), _platform, default);

        _clock.Advance(TimeSpan.FromDays(days) - TimeSpan.FromTicks(1));
        Assert.False(deadline.IsOver);
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.True(deadline.IsOver);
    }

    [Fact]
    public void A_deadline_without_a_limit_or_with_the_longest_span_is_never_over()
    {
        using Deadline infinite = Deadline.Start(Timeout.InfiniteTimeSpan, _platform, default);
        using Deadline longest = Deadline.Start(TimeSpan.MaxValue, _platform, default);

        _clock.Advance(TimeSpan.FromDays(10_000));

        Assert.False(infinite.IsOver);
        Assert.False(longest.IsOver);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void A_deadline_of_no_time_is_over_at_once(int seconds)
    {
        using Deadline deadline = Deadline.Start(TimeSpan.FromSeconds(seconds), _platform, default);

        Assert.True(deadline.IsOver);
    }

    [Fact]
    public void An_alarm_rings_once_and_not_after_its_disposal()
    {
        int rung = 0;
        using Alarm alarm = new(_platform, TimeSpan.FromDays(100), _ => rung++, null);
        Alarm stopped = new(_platform, TimeSpan.FromDays(1), _ => rung += 10, null);
        stopped.Dispose();

        _clock.Advance(TimeSpan.FromDays(400));

        Assert.Equal(1, rung);
    }

    [Fact]
    public void An_alarm_keeps_nothing_of_its_makers_context()
    {
        AsyncLocal<string> ambient = new() { Value = "the maker's" };
        ExecutionContextClock time = new();

        using Alarm alarm = new(time, TimeSpan.FromSeconds(1), _ => { }, null);

        Assert.True(time.WasSuppressed);
        Assert.Equal("the maker's", ambient.Value);
    }

    [Fact]
    public void A_wait_of_months_ends_when_it_should_or_when_it_is_cancelled()
    {
        QueueScheduler queue = new();
        using CancellationTokenSource cancelling = new();
        Task waiting = queue.Start(() => Waits.DelayAsync(TimeSpan.FromDays(90), _platform, default));
        Task cancelled = queue.Start(() => Waits.DelayAsync(Timeout.InfiniteTimeSpan, _platform, cancelling.Token));

        _clock.Advance(TimeSpan.FromDays(90) - TimeSpan.FromSeconds(1));
        queue.RunUntilIdle();
        Assert.False(waiting.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        cancelling.Cancel();
        queue.RunUntilIdle();

        Assert.True(waiting.IsCompletedSuccessfully);
        Assert.True(cancelled.IsCanceled);
        Assert.Equal(0, _clock.TimerCount);
    }

    [Fact]
    public async Task An_operation_whose_time_is_a_year_is_called_and_ends_after_a_year()
    {
        TimeSpan year = TimeSpan.FromDays(365);
        Protocol<ITalk> protocol = ITalk.Protocol.With("Ask", limits => limits with { Exchange = year });
        await using InMemoryOpener answering = InMemoryOpener.To<ITalk>(protocol, new Talk(), _platform);
        Assert.Equal("a", await protocol.CreateClient(answering).AskAsync("a"));

        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using InMemoryOpener silent = new(
            async stream =>
            {
                await stream.ReceiveAllAsync();
                asked.SetResult();
                await Task.Delay(Timeout.Infinite, stream.Aborted);
            },
            _platform);
        Task<string> call = protocol.CreateClient(silent).AskAsync("a").AsTask();
        await asked.Task;
        _clock.Advance(year - TimeSpan.FromSeconds(1));
        Assert.False(call.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<DeadlineExceededException>(() => call);
    }

    [Fact]
    public async Task A_call_may_be_given_any_time()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk(), _platform);
        ITalk client = ITalk.Protocol.CreateClient(opener);

        Assert.Equal("a", await client.AskAsync("a", new CallContext(default, TimeSpan.MaxValue)));
        Assert.Equal("a", await client.AskAsync("a", new CallContext(default, TimeSpan.FromDays(60))));
        Assert.Equal("a", await client.AskAsync("a", new CallContext(default, Timeout.InfiniteTimeSpan)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public async Task A_call_whose_time_is_over_already_fails_before_anything_is_sent(int seconds)
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk(), _platform);

        DeadlineExceededException e = await Assert.ThrowsAsync<DeadlineExceededException>(
            async () => await ITalk.Protocol.CreateClient(opener).AskAsync("a", new CallContext(default, TimeSpan.FromSeconds(seconds))));

        Assert.Contains("0 s", e.Message, StringComparison.Ordinal);
        Assert.Empty(opener.Requests);
        Assert.Equal(0, _clock.TimerCount);
    }

    [Fact]
    public async Task An_infinite_time_of_the_caller_does_not_lift_the_operations_own()
    {
        await using InMemoryOpener opener = new(async stream => await Task.Delay(Timeout.Infinite, stream.Aborted), _platform);
        Task<string> call = ITalk.Protocol.CreateClient(opener).AskAsync("a", new CallContext(default, Timeout.InfiniteTimeSpan)).AsTask();
        await Eventually.HoldsAsync(() => opener.Opened.Count == 1);

        _clock.Advance(TimeSpan.FromDays(1));

        await Assert.ThrowsAsync<DeadlineExceededException>(() => call);
    }

    /// <summary>A clock whose timers refuse what the platform's refuse.</summary>
    private sealed class PlatformClock(TimeProvider inner) : TimeProvider
    {
        public override long TimestampFrequency => inner.TimestampFrequency;

        public override long GetTimestamp() => inner.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Check(dueTime);
            return new Timer(inner.CreateTimer(callback, state, dueTime, period));
        }

        private static void Check(TimeSpan dueTime) => ArgumentOutOfRangeException.ThrowIfGreaterThan(dueTime.TotalMilliseconds, uint.MaxValue - 1.0, nameof(dueTime));

        private sealed class Timer(ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                Check(dueTime);
                return timer.Change(dueTime, period);
            }

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }

    /// <summary>Notes whether the maker's context flows to its timers.</summary>
    private sealed class ExecutionContextClock : TimeProvider
    {
        public bool WasSuppressed { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            WasSuppressed = ExecutionContext.IsFlowSuppressed();
            return System.CreateTimer(callback, state, dueTime, period);
        }
    }
}
