using System.Globalization;

namespace Libp2p.Simulation.Tests;

public class ReplayTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_thousand_workers_replay_from_one_seed(ulong seed)
    {
        SimulationRun run = SimulationRun.Replay(seed, static run => ThousandWorkers.RunAsync(run));

        Assert.True(run.Events.Lines.Count > 6000, "every round of every worker is logged");
        Assert.Equal(0, run.Time.PendingTimerCount);
    }

    [Fact]
    public void Other_seeds_interleave_otherwise()
    {
        HashSet<string> digests = [];
        for (ulong seed = 1; seed <= 5; seed++)
        {
            SimulationRun run = new(seed);
            run.Run(() => ThousandWorkers.RunAsync(run, workers: 20, rounds: 3));
            Assert.True(digests.Add(run.Digest));
        }
    }

    [Fact]
    public void The_interleaving_is_the_same_in_every_process()
    {
        SimulationRun run = new(seed: 7);
        for (int i = 0; i < 50; i++)
        {
            run.Scheduler.Schedule(item => run.Log(string.Create(CultureInfo.InvariantCulture, $"item {item}")), i);
        }

        run.Scheduler.RunUntilIdle();

        // Recorded: no await of the platform takes part here, so only our own code may change it.
        Assert.Equal("26dfa81273361639c6032508c6d20f7328e58b753a74bb77ab9dd635d2fd78ad", run.Digest);
    }

    [Fact]
    public void A_run_that_differs_is_reported_with_the_line()
    {
        int runs = 0;
        DeterminismException thrown = Assert.Throws<DeterminismException>(() => SimulationRun.Replay(seed: 1, async run =>
        {
            run.Log("same");
            await Task.Yield();
            run.Log(runs++ == 0 ? "first" : "second");
        }));

        Assert.Contains("line 2", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("first", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_differs_only_in_its_choices_is_reported()
    {
        int runs = 0;
        DeterminismException thrown = Assert.Throws<DeterminismException>(() => SimulationRun.Replay(seed: 1, async run =>
        {
            run.Log("same");
            if (runs++ == 0)
            {
                await Task.Yield();
            }
        }));

        Assert.Contains("choices", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_more_node_leaves_the_randomness_of_the_others_alone()
    {
        SimulationRun few = new(seed: 1);
        SimulationRun more = new(seed: 1);
        more.Node("newcomer").Random.Next(100);

        Assert.Equal(few.Node("a").Random.Next(int.MaxValue), more.Node("a").Random.Next(int.MaxValue));
    }

    [Fact]
    public void A_node_that_starts_again_draws_anew()
    {
        SimulationRun run = new(seed: 1);
        Assert.NotEqual(run.Node("a").Random.Next(int.MaxValue), run.Node("a").Random.Next(int.MaxValue));
    }

    [Fact]
    public void Log_lines_carry_the_virtual_time()
    {
        SimulationRun run = new(seed: 1);
        run.Run(async () =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1500), run.Time);
            run.Log("here");
        });

        Assert.Equal("1.5000000 here", Assert.Single(run.Events.Lines));
    }
}
