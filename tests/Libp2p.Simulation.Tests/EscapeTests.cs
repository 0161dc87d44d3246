namespace Libp2p.Simulation.Tests;

public class EscapeTests
{
    [Fact]
    public void A_continuation_from_a_foreign_thread_is_named()
    {
        SimulationRun run = new(seed: 1);
        DeterminismException escaped = Assert.Throws<DeterminismException>(() => run.Run(async () =>
        {
            TaskCompletionSource promise = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Task waiting = WaitForAsync(promise.Task);
            OnAnotherThread(promise.SetResult);
            await waiting;
        }));

        DeterminismViolation violation = Assert.Single(escaped.Violations);
        Assert.Equal("EscapeTests.WaitForAsync", violation.Continuation);
        Assert.Contains(nameof(OnAnotherThread), violation.Stack, StringComparison.Ordinal);
    }

    [Fact]
    public void Work_for_the_thread_pool_is_named_where_it_is_handed_over()
    {
        SimulationRun run = new(seed: 1);
        DeterminismException escaped = Assert.Throws<DeterminismException>(() => run.Run(async () =>
        {
            await Task.Yield();
            HandOver();
            await Task.Yield();
        }));

        Assert.Contains("thread pool", escaped.Violations[0].What, StringComparison.Ordinal);
        Assert.Contains(nameof(HandOver), escaped.Violations[0].Stack, StringComparison.Ordinal);
        Assert.DoesNotContain("Tracing", escaped.Violations[0].Stack, StringComparison.Ordinal);
    }

    [Fact]
    public void An_escape_in_the_last_step_is_found()
    {
        SimulationRun run = new(seed: 1);
        Assert.Throws<DeterminismException>(() => run.Run(() =>
        {
            HandOver();
            return Task.CompletedTask;
        }));
    }

    [Theory]
    [InlineData("clock")]
    [InlineData("timer")]
    [InlineData("log")]
    [InlineData("schedule")]
    public void A_seam_used_on_a_foreign_thread_is_reported(string seam)
    {
        SimulationRun run = new(seed: 1);
        Assert.Throws<DeterminismException>(() => run.Run(() =>
        {
            OnAnotherThread(() => Use(run, seam));
            return Task.CompletedTask;
        }));
    }

    [Fact]
    public void Other_threads_may_schedule_while_nothing_runs()
    {
        SimulationRun run = new(seed: 1);
        bool ran = false;
        OnAnotherThread(() => run.Scheduler.Schedule(_ => ran = true, null));
        run.Scheduler.RunUntilIdle();
        Assert.True(ran);
    }

    [Fact]
    public async Task The_pool_is_free_to_others_while_a_simulation_runs()
    {
        using CancellationTokenSource stop = new();
        Task others = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await Task.Yield();
            }
        });

        SimulationRun.Replay(seed: 1, run => ThousandWorkers.RunAsync(run, workers: 50, rounds: 3));
        await stop.CancelAsync();
        await others;
    }

    private static void HandOver() => ThreadPool.UnsafeQueueUserWorkItem(static _ => { }, null);

    private static void OnAnotherThread(Action action)
    {
        Thread thread = new(() => action());
        thread.Start();
        thread.Join();
    }

    private static async Task WaitForAsync(Task task) => await task;

    private static void Use(SimulationRun run, string seam)
    {
        switch (seam)
        {
            case "clock":
                run.Time.GetTimestamp();
                break;
            case "timer":
                run.Time.CreateTimer(static _ => { }, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan).Dispose();
                break;
            case "log":
                run.Log("from elsewhere");
                break;
            default:
                run.Scheduler.Schedule(static _ => { }, null);
                break;
        }
    }
}
