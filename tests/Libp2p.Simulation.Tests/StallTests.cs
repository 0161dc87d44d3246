using System.Threading.Channels;

namespace Libp2p.Simulation.Tests;

public class StallTests
{
    [Fact]
    public void A_deadlock_is_reported_with_who_waits_for_what()
    {
        SimulationRun run = new(seed: 4);
        SimulationStalledException stalled = Assert.Throws<SimulationStalledException>(() => run.Run(async () =>
        {
            using SemaphoreSlim left = new(1);
            using SemaphoreSlim right = new(1);
            await Task.WhenAll(
                run.Start("philosopher 1", () => DineAsync(left, right)),
                run.Start("philosopher 2", () => DineAsync(right, left)));
        }));

        Assert.Contains("seed 4", stalled.Message, StringComparison.Ordinal);
        Assert.Contains("philosopher 1", stalled.Report, StringComparison.Ordinal);
        Assert.Contains("StallTests.DineAsync awaits", stalled.Report, StringComparison.Ordinal);
        Assert.Contains("SemaphoreSlim.TaskNode", stalled.Report, StringComparison.Ordinal);
    }

    [Fact]
    public void The_report_follows_the_awaits_down_through_iterators_and_value_tasks()
    {
        SimulationRun run = new(seed: 1);
        Channel<int> channel = Channel.CreateBounded<int>(1);
        SimulationStalledException stalled = Assert.Throws<SimulationStalledException>(() => run.Run(async () =>
        {
            await foreach (int _ in NumbersAsync())
            {
            }
        }));

        Assert.Contains("StallTests.The_report_follows_the_awaits_down_through_iterators_and_value_tasks (lambda) awaits", stalled.Report, StringComparison.Ordinal);
        Assert.Contains("NumbersAsync awaits", stalled.Report, StringComparison.Ordinal);

        async IAsyncEnumerable<int> NumbersAsync()
        {
            yield return await channel.Reader.ReadAsync();
        }
    }

    [Fact]
    public void Tasks_that_wait_alike_share_a_line()
    {
        SimulationRun run = new(seed: 1);
        SimulationStalledException stalled = Assert.Throws<SimulationStalledException>(() => run.Run(() =>
            Task.WhenAll(Enumerable.Range(0, 100).Select(i => run.Start($"worker {i}", NeverAsync)))));

        Assert.Contains("worker 0 and 99 alike", stalled.Report, StringComparison.Ordinal);
        Assert.True(stalled.Report.Split('\n').Length < 450);
    }

    [Fact]
    public void A_run_without_end_is_reported_with_its_timers()
    {
        SimulationRun run = new(seed: 1, new SimulationOptions { MaxSteps = 1000 });
        SimulationStalledException stalled = Assert.Throws<SimulationStalledException>(() => run.Run(async () =>
        {
            using ITimer heartbeat = run.Time.CreateTimer(Beat, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
            await NeverAsync();
        }));

        Assert.Contains("1000 steps", stalled.Message, StringComparison.Ordinal);
        Assert.Contains("every 00:00:01: StallTests.Beat", stalled.Report, StringComparison.Ordinal);
        Assert.Contains("StallTests.NeverAsync awaits", stalled.Report, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_that_blocks_the_thread_is_told_so_where_it_blocks()
    {
        SimulationRun run = new(seed: 1, new SimulationOptions { MaxBlocking = TimeSpan.FromMilliseconds(20) });
        InvalidOperationException thrown = Assert.Throws<InvalidOperationException>(() => run.Run(() =>
        {
            NeverAsync().Wait();
            return Task.CompletedTask;
        }));

        Assert.Contains("blocks the thread", thrown.Message, StringComparison.Ordinal);
    }

    private static void Beat(object? state)
    {
    }

    private static async Task NeverAsync() => await new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously).Task;

    private static async Task DineAsync(SemaphoreSlim first, SemaphoreSlim second)
    {
        await first.WaitAsync();
        await Task.Yield();
        while (second.CurrentCount > 0)
        {
            await Task.Yield(); // until the other one has its own first fork
        }

        await second.WaitAsync();
    }
}
