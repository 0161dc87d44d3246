namespace Libp2p.Scheduling;

/// <summary>Waiting for tasks whose outcome is told elsewhere.</summary>
internal static class Tasks
{
    /// <summary>Waits until all have ended, throws nothing, and stays on the node's scheduler.</summary>
    public static async Task Settle(params Task[] tasks)
    {
        foreach (Task task in tasks)
        {
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }
}
