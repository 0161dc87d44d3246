namespace Libp2p.TestKit.Scheduling;

/// <summary>Waits for what other threads are about to do.</summary>
public static class Eventually
{
    /// <summary>Waits until the condition holds, and fails after ten seconds of real time.</summary>
    public static async Task HoldsAsync(Func<bool> condition)
    {
        long started = Environment.TickCount64;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 - started < 10_000, "It did not happen within ten seconds");
            await Task.Delay(1);
        }
    }
}
