using System.ComponentModel;

namespace Libp2p.Scheduling;

/// <summary>
/// Waits that stay on the node's scheduler, whatever ends them. The platform's own leave it in some cases, which docs/simulation.md lists:
/// so each kind of wait has its one home here.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Waits
{
    /// <summary>Waits for so long on the clock, which may be longer than a timer can wait.</summary>
    /// <param name="delay">Time from now; <see cref="Timeout.InfiniteTimeSpan"/>: until the token is cancelled.</param>
    /// <param name="time">The node's clock.</param>
    /// <param name="cancellationToken">Ends the wait, which then throws.</param>
    public static async Task DelayAsync(TimeSpan delay, TimeProvider time, CancellationToken cancellationToken)
    {
        TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using Alarm alarm = new(time, delay, static state => ((TaskCompletionSource)state!).TrySetResult(), over);
        await OwnAsync(over, cancellationToken);
    }

    /// <summary>Waits for a source that others may wait for, too: the token ends this wait and leaves the source as it is.</summary>
    public static async Task ForAsync(TaskCompletionSource source, CancellationToken cancellationToken) =>
        await TaskOf(source).WaitAsync(cancellationToken);

    /// <summary>
    /// Waits for a source that nothing else waits for: the token cancels the source, so that what would complete it finds that its waiter
    /// has gone.
    /// </summary>
    public static async Task OwnAsync(TaskCompletionSource source, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), source);
        await source.Task;
    }

    /// <summary>Waits until all have ended, and throws nothing: how they ended is reported elsewhere.</summary>
    public static async Task SettleAsync(params Task[] tasks)
    {
        foreach (Task task in tasks)
        {
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    /// <summary>Waits until the task is over, and returns whether it succeeded; its failure is reported elsewhere.</summary>
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

    /// <summary>An async method between: directly over a source that completes asynchronously, <c>WaitAsync</c> would leave the scheduler.</summary>
    private static async Task TaskOf(TaskCompletionSource source) => await source.Task;
}
