using System.Diagnostics;

namespace Libp2p.Simulation.Tests;

public class VirtualTimeProviderTests : TimerContract
{
    private readonly SimulationScheduler _scheduler = new(seed: 11);

    protected override TimeProvider Clock => _scheduler.Time;

    [Fact]
    public void Time_stands_still_while_anything_is_ready() => _scheduler.Run(async () =>
    {
        Task delay = Task.Delay(Seconds(1), Clock);
        for (int i = 0; i < 1000; i++)
        {
            await Task.Yield();
            Assert.Equal(TimeSpan.Zero, _scheduler.Time.Elapsed);
        }

        await delay;
        Assert.Equal(Seconds(1), _scheduler.Time.Elapsed);
    });

    [Fact]
    public void A_virtual_decade_takes_a_moment()
    {
        Stopwatch watch = Stopwatch.StartNew();
        _scheduler.Run(async () =>
        {
            for (int month = 0; month < 120; month++)
            {
                await Task.Delay(TimeSpan.FromDays(30), Clock);
            }
        });

        Assert.Equal(TimeSpan.FromDays(3600), _scheduler.Time.Elapsed);
        Assert.True(watch.Elapsed < Seconds(5), $"took {watch.Elapsed}"); // some milliseconds, on a machine that is not busy
    }

    [Fact]
    public void Timers_due_together_interleave_with_what_is_ready_but_not_with_each_other()
    {
        for (ulong seed = 1; seed < 20; seed++)
        {
            SimulationScheduler scheduler = new(seed);
            List<int> fired = [];
            ITimer[] timers = [.. Enumerable.Range(0, 10).Select(i => scheduler.Time.CreateTimer(
                _ =>
                {
                    fired.Add(i);
                    scheduler.Schedule(static _ => { }, null);
                },
                null,
                Seconds(1),
                Timeout.InfiniteTimeSpan))];

            scheduler.RunFor(Seconds(1));
            Assert.Equal(Enumerable.Range(0, 10), fired);
            Array.ForEach(timers, static timer => timer.Dispose());
        }
    }

    protected override void Pass(TimeSpan time) => _scheduler.RunFor(time);
}
