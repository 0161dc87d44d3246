namespace Libp2p.TestKit.Scheduling;

/// <summary>Waits for what other threads are about to do.</summary>
public static class Eventually
{
    /// <summary>
    /// Waits until the condition holds, and fails after ten thousand turns of a millisecond. Turns and not time: on a busy machine time
    /// passes while nobody runs, whereas a turn lets everybody run who was ready before it.
    /// </summary>
    public static async Task HoldsAsync(Func<bool> condition)
    {
        for (int turn = 0; !condition(); turn++)
        {
            Assert.True(turn < 10_000, "It did not happen within ten thousand turns");
            await Task.Delay(1);
        }
    }
}
