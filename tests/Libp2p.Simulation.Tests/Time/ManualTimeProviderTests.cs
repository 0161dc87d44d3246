namespace Libp2p.Simulation.Tests;

public class ManualTimeProviderTests : TimerContract
{
    private readonly ManualTimeProvider _clock = new();

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

    protected override void Pass(TimeSpan time) => _clock.Advance(time);
}
