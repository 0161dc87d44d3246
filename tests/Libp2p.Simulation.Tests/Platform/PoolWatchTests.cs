namespace Libp2p.Simulation.Tests;

public class PoolWatchTests
{
    [Fact]
    public void The_platform_tells_when_work_is_handed_to_its_pool() => Assert.True(PoolWatch.Start());
}
