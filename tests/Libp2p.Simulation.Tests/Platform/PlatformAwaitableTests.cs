using System.IO.Pipelines;

namespace Libp2p.Simulation.Tests;

/// <summary>docs/simulation.md tells what library code may await; these hold it to the platform in use.</summary>
public class PlatformAwaitableTests
{
    public static TheoryData<string> Staying => [.. PlatformAwaitables.Stay.Keys];

    public static TheoryData<string> Escaping => [.. PlatformAwaitables.Escape.Keys];

    public static TheoryData<string> Streams => [.. PlatformStreams.All.Keys];

    [Theory]
    [MemberData(nameof(Staying))]
    public void Stays_on_the_scheduler(string awaitable)
    {
        for (ulong seed = 0; seed < 8; seed++)
        {
            SimulationRun run = new(seed);
            run.Run(() => PlatformAwaitables.Stay[awaitable](run));
        }
    }

    [Theory]
    [MemberData(nameof(Escaping))]
    public void Leaves_the_scheduler_and_is_reported(string awaitable)
    {
        SimulationRun run = new(seed: 0);
        Assert.Throws<DeterminismException>(() => run.Run(() => PlatformAwaitables.Escape[awaitable](run)));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_platform_stream_leaves_the_scheduler_on_an_ordinary_pipe(string stream)
    {
        SimulationRun run = new(seed: 0);
        Assert.Throws<DeterminismException>(() => run.Run(() =>
            PlatformStreams.All[stream](PlatformAwaitables.NewPipe(run), PlatformAwaitables.NewPipe(run))));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_platform_stream_stays_where_the_pipe_runs_without_the_context(string stream)
    {
        for (ulong seed = 0; seed < 8; seed++)
        {
            SimulationRun run = new(seed);
            run.Run(async () =>
            {
                await PlatformStreams.All[stream](NewPipe(), NewPipe());
                Assert.True(run.Scheduler.IsCurrent);

                Pipe NewPipe() => PlatformAwaitables.NewPipe(run, run.Scheduler.WithoutContext);
            });
        }
    }

    [Fact]
    public void A_stream_of_our_own_that_awaits_plainly_makes_the_platform_above_it_leave()
    {
        SimulationRun run = new(seed: 0);
        Pipe pipe = PlatformAwaitables.NewPipe(run, run.Scheduler.WithoutContext);
        DeterminismException escaped = Assert.Throws<DeterminismException>(() => run.Run(async () =>
        {
            await using PlatformStreams.PlainlyAwaitingStream stream = new(pipe);
            Task<int> reading = stream.ReadAtLeastAsync(new byte[4], 4).AsTask();
            await Task.Yield();
            await pipe.Writer.WriteAsync(new byte[4]);
            await reading;
        }));

        Assert.Contains(nameof(PlatformStreams.PlainlyAwaitingStream), escaped.Violations[0].Stack, StringComparison.Ordinal);
    }
}
