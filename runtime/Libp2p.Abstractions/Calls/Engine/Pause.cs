namespace Libp2p;

/// <summary>Waits on the node's clock.</summary>
internal static class Pause
{
    /// <summary>Waits for so long, or until the token is cancelled, which is thrown.</summary>
    public static async Task ForAsync(TimeSpan delay, TimeProvider time, CancellationToken cancellationToken)
    {
        TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using ITimer timer = time.CreateTimer(static state => ((TaskCompletionSource)state!).TrySetResult(), over, delay, Timeout.InfiniteTimeSpan);
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), over);
        await over.Task;
    }
}
