namespace Libp2p.Simulation.Tests;

/// <summary>docs/simulation.md tells what library code may await; these hold it to the platform in use.</summary>
public class PlatformAwaitableTests
{
    public static TheoryData<string> Staying => [.. PlatformAwaitables.Stay.Keys];

    public static TheoryData<string> Escaping => [.. PlatformAwaitables.Escape.Keys];

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
}
