using Libp2p.TestKit.Scheduling;

namespace Libp2p.Simulation.Tests;

/// <summary>What both clocks promise about timers. The derived class says how time passes.</summary>
public abstract class TimerContract
{
    private static readonly TimeSpan s_never = Timeout.InfiniteTimeSpan;

    private readonly List<string> _fired = [];

    protected abstract TimeProvider Clock { get; }

    [Fact]
    public void Timers_fire_by_due_time_then_by_creation()
    {
        using ITimer late = Fire("late", Seconds(3));
        using ITimer first = Fire("first", Seconds(1));
        using ITimer alsoFirst = Fire("also first", Seconds(1));
        using ITimer middle = Fire("middle", Seconds(2));

        Pass(Seconds(3));
        Assert.Equal(["1 first", "1 also first", "2 middle", "3 late"], _fired);
    }

    [Fact]
    public void A_changed_timer_keeps_its_place_among_equals()
    {
        using ITimer first = Fire("first", Seconds(9));
        using ITimer second = Fire("second", Seconds(1));
        first.Change(Seconds(1), s_never);

        Pass(Seconds(1));
        Assert.Equal(["1 first", "1 second"], _fired);
    }

    [Fact]
    public void A_period_repeats_until_disposal()
    {
        ITimer timer = Fire("tick", Seconds(2), Seconds(3));
        Pass(Seconds(9));
        timer.Dispose();
        Pass(Seconds(9));

        Assert.Equal(["2 tick", "5 tick", "8 tick"], _fired);
        Assert.False(timer.Change(Seconds(1), s_never));
    }

    [Fact]
    public void A_period_of_zero_fires_once()
    {
        using ITimer timer = Fire("once", TimeSpan.Zero, TimeSpan.Zero);
        Pass(Seconds(5));
        Assert.Equal(["0 once"], _fired);
    }

    [Fact]
    public void A_callback_may_arm_and_dispose_of_timers()
    {
        ITimer? victim = null;
        ITimer? child = null;
        using ITimer parent = Clock.CreateTimer(
            _ =>
            {
                victim!.Dispose();
                child = Fire("child", Seconds(1));
            },
            null,
            Seconds(1),
            s_never);
        victim = Fire("victim", Seconds(1));

        Pass(Seconds(5));
        Assert.Equal(["2 child"], _fired);
        child?.Dispose();
    }

    [Fact]
    public void A_timer_armed_with_an_infinite_time_waits_to_be_changed()
    {
        using ITimer timer = Fire("at last", s_never);
        Pass(Seconds(5));
        Assert.Empty(_fired);

        Assert.True(timer.Change(Seconds(1), s_never));
        Pass(Seconds(5));
        Assert.Equal(["6 at last"], _fired);
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(4294967295)]
    public void What_the_systems_timer_refuses_is_refused(double milliseconds)
    {
        TimeSpan wrong = TimeSpan.FromMilliseconds(milliseconds);
        Assert.Throws<ArgumentOutOfRangeException>(() => Clock.CreateTimer(static _ => { }, null, wrong, s_never));
        Assert.Throws<ArgumentOutOfRangeException>(() => Clock.CreateTimer(static _ => { }, null, s_never, wrong));
        Assert.Throws<ArgumentNullException>(() => Clock.CreateTimer(null!, null, s_never, s_never));
    }

    [Fact]
    public void Timestamps_and_the_time_of_day_agree()
    {
        long timestamp = Clock.GetTimestamp();
        DateTimeOffset time = Clock.GetUtcNow();
        Pass(TimeSpan.FromTicks(12_345_678));

        Assert.Equal(TimeSpan.FromTicks(12_345_678), Clock.GetElapsedTime(timestamp));
        Assert.Equal(TimeSpan.FromTicks(12_345_678), Clock.GetUtcNow() - time);
        Assert.Equal(TimeZoneInfo.Utc, Clock.LocalTimeZone);
        Assert.Equal(Clock.GetUtcNow(), Clock.GetLocalNow());
    }

    [Fact]
    public void A_callback_sees_the_async_locals_of_the_timers_maker()
    {
        AsyncLocal<string> local = new() { Value = "maker" };
        string? seen = null;
        using ITimer timer = Clock.CreateTimer(_ => seen = local.Value, null, Seconds(1), s_never);
        local.Value = "other";

        Pass(Seconds(1));
        Assert.Equal("maker", seen);
    }

    [Fact]
    public void Cancellation_sources_take_the_clock()
    {
        using CancellationTokenSource source = new(Seconds(2), Clock);
        Pass(Seconds(1));
        Assert.False(source.IsCancellationRequested);
        Pass(Seconds(1));
        Assert.True(source.IsCancellationRequested);
    }

    protected abstract void Pass(TimeSpan time);

    protected static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private ITimer Fire(string name, TimeSpan due, TimeSpan? period = null)
    {
        DateTimeOffset start = VirtualClock.DefaultStart;
        return Clock.CreateTimer(
            _ => _fired.Add(FormattableString.Invariant($"{(Clock.GetUtcNow() - start).TotalSeconds} {name}")), null, due, period ?? s_never);
    }
}
