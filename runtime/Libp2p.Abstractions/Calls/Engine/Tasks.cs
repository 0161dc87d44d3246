namespace Libp2p;

internal static class Tasks
{
    /// <summary>Waits until the task is over, and tells whether it succeeded; its failure is not what is to be reported.</summary>
    public static async ValueTask<bool> SucceedsAsync(this ValueTask task)
    {
        try
        {
            await task;
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }
}
