using System.IO.Pipelines;

namespace Libp2p.Simulation.Tests;

public class SimulationSchedulerTests
{
    [Fact]
    public void Everything_runs_on_the_calling_thread()
    {
        int thread = Environment.CurrentManagedThreadId;
        SimulationScheduler scheduler = new(seed: 3);
        int result = scheduler.Run(async () =>
        {
            for (int i = 0; i < 100; i++)
            {
                await Task.Yield();
                Assert.Equal(thread, Environment.CurrentManagedThreadId);
                Assert.True(scheduler.IsCurrent);
            }

            return 42;
        });

        Assert.Equal(42, result);
        Assert.False(scheduler.IsCurrent);
    }

    [Theory]
    [InlineData(0, StepOrder.Seeded)]
    [InlineData(5, StepOrder.FirstInFirstOut)]
    public void Seed_zero_and_the_option_run_in_order(ulong seed, StepOrder order)
    {
        SimulationScheduler scheduler = new(seed, new SimulationOptions { Order = order });
        List<int> ran = [];
        for (int i = 0; i < 20; i++)
        {
            scheduler.Schedule(item => ran.Add((int)item!), i);
        }

        scheduler.RunUntilIdle();
        Assert.Equal(Enumerable.Range(0, 20), ran);
    }

    [Fact]
    public void A_seed_shuffles_what_is_ready()
    {
        SimulationScheduler scheduler = new(seed: 5);
        List<int> ran = [];
        for (int i = 0; i < 20; i++)
        {
            scheduler.Schedule(item => ran.Add((int)item!), i);
        }

        scheduler.RunUntilIdle();
        Assert.NotEqual(Enumerable.Range(0, 20), ran);
        Assert.Equal(Enumerable.Range(0, 20), ran.Order());
    }

    [Fact]
    public void Running_until_idle_leaves_the_time_alone()
    {
        SimulationScheduler scheduler = new(seed: 1);
        Task delay = scheduler.Start("delay", () => Task.Delay(TimeSpan.FromSeconds(10), scheduler.Time));

        scheduler.RunUntilIdle();
        Assert.False(delay.IsCompleted);
        Assert.Equal(TimeSpan.Zero, scheduler.Time.Elapsed);

        scheduler.RunFor(TimeSpan.FromSeconds(9));
        Assert.False(delay.IsCompleted);
        Assert.Equal(TimeSpan.FromSeconds(9), scheduler.Time.Elapsed);

        scheduler.RunFor(TimeSpan.FromSeconds(1));
        Assert.True(delay.IsCompletedSuccessfully);
    }

    [Fact]
    public void Enter_moves_onto_the_scheduler_and_the_caller_comes_back_to_its_own_context()
    {
        SimulationScheduler scheduler = new(seed: 1);
        CallersContext caller = new();
        SynchronizationContext? cameBackTo = null;
        SynchronizationContext? before = SynchronizationContext.Current;
        try
        {
            SynchronizationContext.SetSynchronizationContext(caller);
            Task calling = CallAsync();
            Assert.Equal(1, scheduler.ReadyCount);

            scheduler.RunUntilIdle();
            Assert.False(calling.IsCompleted);
            Assert.Same(caller, SynchronizationContext.Current);

            caller.RunPosted();
            Assert.True(calling.IsCompletedSuccessfully);
            Assert.Same(caller, cameBackTo);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }

        async Task CallAsync()
        {
            await EntryPointAsync();
            cameBackTo = SynchronizationContext.Current;
        }

        async Task EntryPointAsync()
        {
            Assert.False(scheduler.IsCurrent);
            await scheduler.Enter();
            Assert.True(scheduler.IsCurrent);
            Assert.True(scheduler.Enter().IsCompleted);
        }
    }

    [Fact]
    public void Async_locals_of_one_item_are_not_seen_by_the_next()
    {
        AsyncLocal<int> local = new();
        SimulationScheduler scheduler = new(seed: 0);
        List<int> seen = [];
        scheduler.Schedule(_ => local.Value = 1, null);
        scheduler.Schedule(_ => seen.Add(local.Value), null);

        scheduler.RunUntilIdle();
        Assert.Equal([0], seen);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void What_the_platform_awaits_over_a_pipe_without_the_context_stays_on_the_scheduler(ulong seed)
    {
        SimulationScheduler scheduler = new(seed);
        Pipe pipe = new(new PipeOptions(readerScheduler: scheduler.WithoutContext, writerScheduler: scheduler.WithoutContext, useSynchronizationContext: false));
        scheduler.Run(async () =>
        {
            Task writing = scheduler.Start("writer", async () =>
            {
                await pipe.Writer.WriteAsync("line\n"u8.ToArray());
                await pipe.Writer.CompleteAsync();
            });
            using StreamReader text = new(pipe.Reader.AsStream());
            Assert.Equal("line", await text.ReadLineAsync());
            Assert.True(scheduler.IsCurrent);
            await writing;
        });
    }

    [Fact]
    public void What_a_scheduled_item_throws_surfaces()
    {
        SimulationScheduler scheduler = new(seed: 1);
        scheduler.Schedule(static _ => throw new NotSupportedException("item"), null);
        Assert.Equal("item", Assert.Throws<NotSupportedException>(scheduler.RunUntilIdle).Message);
    }

    [Fact]
    public void What_the_work_throws_surfaces()
    {
        SimulationScheduler scheduler = new(seed: 1);
        Assert.Throws<NotSupportedException>(() => scheduler.Run(async () =>
        {
            await Task.Yield();
            throw new NotSupportedException();
        }));
    }

    [Fact]
    public void What_a_timer_throws_surfaces()
    {
        SimulationScheduler scheduler = new(seed: 1);
        using ITimer timer = scheduler.Time.CreateTimer(
            static _ => throw new NotSupportedException(), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        Assert.Throws<NotSupportedException>(() => scheduler.RunFor(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void A_run_inside_a_run_is_refused()
    {
        SimulationScheduler scheduler = new(seed: 1);
        Assert.Throws<InvalidOperationException>(() => scheduler.Run(() =>
        {
            new SimulationScheduler(seed: 1).RunUntilIdle();
            return Task.CompletedTask;
        }));
    }

    private sealed class CallersContext : SynchronizationContext
    {
        private readonly Queue<(SendOrPostCallback Callback, object? State)> _posted = new();

        public override void Post(SendOrPostCallback d, object? state) => _posted.Enqueue((d, state));

        public void RunPosted()
        {
            while (_posted.TryDequeue(out (SendOrPostCallback Callback, object? State) item))
            {
                item.Callback(item.State);
            }
        }
    }
}
