using Libp2p.TestKit.Scheduling;

namespace Libp2p.Simulation.Tests;

public class ManualClockTests : TimerContract
{
    private readonly ManualClock _clock = new();

    protected override TimeProvider Clock => _clock;

    [Fact]
    public async Task A_delay_ends_when_its_time_has_been_advanced_to()
    {
        Task delay = Task.Delay(Seconds(2), _clock);
        _clock.Advance(Seconds(1));
        Assert.False(delay.IsCompleted);
        Assert.Equal(1, _clock.PendingTimerCount);

        _clock.Advance(Seconds(1));
        await delay;
        Assert.Equal(Seconds(2), _clock.Elapsed);
        Assert.Equal(0, _clock.PendingTimerCount);
    }

    [Fact]
    public void What_a_callback_throws_ends_the_advance_at_its_time()
    {
        using ITimer timer = _clock.CreateTimer(
            static _ => throw new NotSupportedException(), null, Seconds(1), Timeout.InfiniteTimeSpan);
        Assert.Throws<NotSupportedException>(() => _clock.Advance(Seconds(5)));
        Assert.Equal(Seconds(1), _clock.Elapsed);
    }

    [Fact]
    public void Time_does_not_go_back() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _clock.Advance(Seconds(-1)));

    [Fact]
    public void A_timer_counts_until_it_is_disposed_of_once()
    {
        ITimer timer = _clock.CreateTimer(static _ => { }, null, Seconds(1), Timeout.InfiniteTimeSpan);
        Assert.Equal(Seconds(1), _clock.NextDue);
        _clock.Advance(Seconds(1));
        Assert.Equal((1, 0, null), (_clock.TimerCount, _clock.PendingTimerCount, _clock.NextDue));

        timer.Dispose();
        timer.Dispose();
        Assert.Equal(0, _clock.TimerCount);
    }

    [Fact]
    public void A_step_of_the_time_of_day_moves_no_timer_and_no_timestamp()
    {
        int fired = 0;
        using ITimer timer = _clock.CreateTimer(_ => fired++, null, Seconds(1), Timeout.InfiniteTimeSpan);
        (long timestamp, DateTimeOffset time) = (_clock.GetTimestamp(), _clock.GetUtcNow());
        _clock.StepTimeOfDay(Seconds(-3600));

        Assert.Equal((timestamp, time - Seconds(3600)), (_clock.GetTimestamp(), _clock.GetUtcNow()));
        _clock.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(0, fired);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, fired);
    }

    protected override void Pass(TimeSpan time) => _clock.Advance(time);
}
